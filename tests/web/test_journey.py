"""From a mix to the stems that fit it: what a person does on the page, in a real browser."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.web.conftest import MIX, PageOpener, choose_mix, titles, type_button, wait_for_answer

pytestmark = pytest.mark.browser


def parameters_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def test_the_empty_page_says_what_to_do(open_page: PageOpener) -> None:
    page = open_page()
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()
    expect(page.get_by_text("stems of 9 types are listening")).to_be_visible()


def test_a_dropped_mix_is_answered(open_page: PageOpener) -> None:
    page = open_page()
    page.evaluate(
        """async (bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "my mix.ogg", { type: "audio/ogg" }));
          const dropped = { dataTransfer: data, cancelable: true, bubbles: true };
          window.dispatchEvent(new DragEvent("drop", dropped));
        }""",
        list(MIX.read_bytes()),
    )
    expect(page.get_by_role("heading", name="my mix.ogg")).to_be_visible()
    page.wait_for_selector(".result")


def test_the_stem_that_was_taken_out_comes_first_with_all_its_facts(page: Page) -> None:
    first = page.locator(".result").first
    expect(first.locator(".song")).to_have_text("Black Mountain")
    expect(first.locator(".path")).to_have_text("stems/black-mountain/drums.ogg")
    expect(first.locator(".fit-words")).to_have_text("Fits closely")
    expect(first.locator(".stem-facts")).to_contain_text("125")
    expect(first.locator(".licence")).to_have_text("BSD-3-Clause")
    ranks = page.locator(".result .rank").all_inner_texts()
    assert ranks == [str(rank) for rank in range(1, len(ranks) + 1)]


def test_a_stem_has_its_waveform(page: Page) -> None:
    painted = """(canvas) => canvas.width > 0 && canvas.getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0)"""
    canvas = page.locator(".result-wave").first
    for _ in range(100):
        if canvas.evaluate(painted):
            break
        page.wait_for_timeout(50)
    assert canvas.evaluate(painted)


def test_types_say_how_many_stems_there_are_and_several_can_be_chosen(
    page: Page,
) -> None:
    assert int(type_button(page, "bass").locator(".count").inner_text()) > 10
    type_button(page, "bass").click()
    wait_for_answer(page)
    assert set(page.locator(".result .stem-type").all_inner_texts()) == {
        "drums",
        "bass",
    }


def test_a_filter_becomes_a_chip_and_the_chip_takes_it_away(page: Page) -> None:
    before = titles(page)
    page.get_by_text("Filter…").click()
    page.get_by_label("Tempo from").fill("124")
    page.get_by_label("Tempo to").fill("126")
    page.get_by_role("button", name="Apply").click()
    wait_for_answer(page)
    tempi = page.locator(".result .stem-facts div:nth-child(2) dd").all_inner_texts()
    assert tempi
    assert all(124 <= float(tempo.split()[0]) <= 126 for tempo in tempi)
    page.get_by_role("button", name="Remove 124–126 bpm").click()
    wait_for_answer(page)
    assert titles(page) == before


def test_each_filter_is_a_chip_of_its_own(page: Page) -> None:
    page.get_by_text("Filter…").click()
    page.get_by_label("Key of the stem").fill("8A")
    page.get_by_label("and those that go with it").check()
    page.get_by_label("Licence").fill("BSD-3-Clause")
    page.get_by_label("Tag").fill("dry")
    page.get_by_label("Kind").select_option("Loops")
    with page.expect_request("**/match?*") as asked:
        page.get_by_role("button", name="Apply").click()
    wait_for_answer(page)
    chips = page.locator(".chip").all_inner_texts()
    assert [chip.strip() for chip in chips] == ["Goes with A minor", "BSD-3-Clause", "Tag dry", "Loops"]
    sent = parameters_of(asked.value.url)
    assert (sent["key"], sent["key_compatible"], sent["kind"]) == ("A minor", "true", "loop")
    page.get_by_role("button", name="Remove Tag dry").click()
    page.get_by_role("button", name="Remove Goes with A minor").click()
    page.wait_for_selector(".results[aria-busy=false] .result")


def show_more(page: Page) -> dict[str, str]:
    """Ask for more, and wait for it; gives what was asked."""
    with page.expect_request("**/match?*") as asked:
        page.get_by_role("button", name="Show more").click()
    wait_for_answer(page)
    return parameters_of(asked.value.url)


def test_more_are_shown_while_one_of_the_types_has_more(page: Page) -> None:
    assert int(type_button(page, "wind").locator(".count").inner_text()) < 10
    type_button(page, "wind").click()
    wait_for_answer(page)
    before = len(titles(page))
    asked = show_more(page)
    assert asked["limit"] == "20"
    assert len(titles(page)) == before + 10


def test_more_of_every_type_are_shown_where_none_was_chosen(page: Page) -> None:
    type_button(page, "any").click()
    wait_for_answer(page)
    before = len(titles(page))
    asked = show_more(page)
    assert (asked["type"], asked["limit"]) == ("any", "20")
    assert len(titles(page)) > before


def test_more_are_shown_although_one_of_the_first_was_accepted(page: Page) -> None:
    with page.expect_response("**/match?*") as answered:
        page.get_by_role("button", name="Accept Black Mountain, drums into the mix").click()
    wait_for_answer(page)
    found = [match["stem"]["song"] for match in answered.value.json()["matches"]]
    assert "Black Mountain" in found
    assert len(titles(page)) == len(found) - 1
    expect(page.get_by_role("button", name="Show more")).to_be_visible()


def test_the_theme_is_chosen_and_remembered(open_page: PageOpener) -> None:
    page = open_page()
    button = page.get_by_role("button", name="Theme:")
    seen = []
    for _ in range(3):
        seen.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        button.click()
    assert seen[0] == seen[1] != seen[2]
    button.click()
    button.click()
    page.reload()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == seen[2]


def test_a_filter_that_nothing_passes_says_how_to_go_on(page: Page) -> None:
    page.get_by_text("Filter…").click()
    page.get_by_label("Tag").fill("no such tag")
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("button", name="Remove all filters").click()
    page.wait_for_selector(".result")


def test_a_region_is_chosen_by_dragging(page: Page) -> None:
    box = page.locator(".mix-wave").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40, steps=4)
    with page.expect_request("**/match?*") as asked:
        page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 40, steps=4)
        page.mouse.up()
    assert 3.8 < float(parameters_of(asked.value.url)["start"]) < 4.0
    assert 6.4 < float(parameters_of(asked.value.url)["seconds"]) < 6.6
    page.get_by_role("button", name="Remove Region").click()
    wait_for_answer(page)
    assert titles(page)[0] == "Black Mountain"


def drag_region(page: Page, start: float, end: float) -> None:
    """Drag over the mix, between two shares of its width."""
    box = page.locator(".mix-wave").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * start, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, box["y"] + 40, steps=4)
    page.mouse.up()


def test_the_chosen_stem_moves_to_where_another_answer_has_it(page: Page) -> None:
    page.locator(".result .play").first.click()
    expect(page.locator(".stage-hint")).to_contain_text("Black Mountain, drums: its 0:04.0 falls on 0:02.6")
    with page.expect_response("**/match?*") as answered:
        type_button(page, "bass").click()
    answer = answered.value.json()
    for match in answer["matches"]:
        match["placement"] |= {"mix_start": 5.5, "stem_start": 1.5}
    page.route("**/match?*", lambda route: route.fulfill(json=answer))
    drag_region(page, 0.3, 0.8)
    expect(page.locator(".stage-hint")).to_contain_text("Black Mountain, drums: its 0:01.5 falls on 0:05.5")


def test_a_filter_leaves_the_region_as_exact_as_it_was_dragged(page: Page) -> None:
    with page.expect_request("**/match?*") as asked:
        drag_region(page, 0.301, 0.802)
    wait_for_answer(page)
    page.get_by_text("Filter…").click()
    page.get_by_label("Tag").fill("dry")
    with page.expect_request("**/match?*") as again:
        page.get_by_role("button", name="Apply").click()
    before, after = (parameters_of(each.value.url) for each in (asked, again))
    assert (after["start"], after["seconds"], after["tag"]) == (before["start"], before["seconds"], "dry")
    assert "sha256" in after


def test_a_region_is_taken_hold_of_by_its_edge_and_typed(page: Page) -> None:
    page.get_by_text("Filter…").click()
    page.get_by_label("Region from").fill("2")
    page.get_by_label("Region to").fill("8")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Region 0:02.0–0:08.0")).to_be_visible()
    edge = page.locator(".region-edge.is-end").bounding_box()
    assert edge is not None
    page.mouse.move(edge["x"] + 8, edge["y"] + 30)
    page.mouse.down()
    page.mouse.move(edge["x"] - 60, edge["y"] + 30, steps=3)
    page.mouse.up()
    expect(page.get_by_text("Region 0:02.0–0:07.")).to_be_visible()
    page.locator(".mix-wave").click(position={"x": 5, "y": 30})
    expect(page.locator(".clock")).to_contain_text("0:00.")


def test_an_estimate_that_may_well_be_wrong_says_so_until_somebody_knows_better(page: Page) -> None:
    with page.expect_response("**/match?*") as answered:
        type_button(page, "bass").click()
    query = answered.value.json()["query"]
    assert query["bpm_confidence"] < 0.5 < query["key_confidence"]
    unsure = page.get_by_text("unsure", exact=True)
    expect(unsure).to_have_count(1)
    tempo = page.get_by_label("Tempo", exact=True).first
    tempo.fill("125")
    tempo.blur()
    expect(unsure).to_have_count(0)
    tempo.fill("")
    tempo.blur()
    expect(unsure).to_have_count(1)


def test_tempo_and_key_of_the_mix_can_be_corrected(page: Page) -> None:
    tempo = page.get_by_label("Tempo", exact=True).first
    tempo.fill("125")
    tempo.blur()
    page.get_by_role("button", name="half the tempo").click()
    expect(tempo).to_have_value("62.5")
    page.get_by_role("button", name="double the tempo").click()
    expect(tempo).to_have_value("125")
    key = page.get_by_label("Key", exact=True).first
    key.fill("8A")
    key.blur()
    expect(key).to_have_value("A minor")
    key.fill("H dorian")
    key.blur()
    expect(key).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("such as A minor, 8A")).to_be_visible()


def test_other_types_filters_and_limits_do_not_send_the_mix_again(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/match?" in request.url else None)
    type_button(page, "bass").click()
    wait_for_answer(page)
    page.get_by_role("button", name="goes with").click()
    wait_for_answer(page)
    page.get_by_role("button", name="Remove Goes with").click()
    wait_for_answer(page)
    assert len(asked) == 3
    assert all("sha256" in parameters_of(url) for url in asked)


def test_a_mix_that_the_service_forgot_is_sent_again(open_page: PageOpener) -> None:
    page = open_page(strict=False)
    choose_mix(page)
    page.route(
        "**/match?*sha256=*",
        lambda route: route.fulfill(
            status=404, body='{"type": "urn:counterpart:problem:mix-not-remembered", "detail": "Forgotten."}'
        ),
    )
    type_button(page, "drums").click()
    wait_for_answer(page)
    assert titles(page)[0] == "Black Mountain"
    assert set(page.locator(".result .stem-type").all_inner_texts()) == {"drums"}


def test_more_like_a_stem_are_listed_with_their_own_places_and_can_be_heard(page: Page) -> None:
    before = titles(page)
    page.get_by_role("button", name="More like Black Mountain, drums").click()
    expect(page.get_by_role("heading", name="More like Black Mountain, drums")).to_be_visible()
    page.wait_for_selector(".results[aria-busy=false] .result")
    assert "Black Mountain" not in titles(page)
    assert page.locator(".result .rank").first.inner_text() == "1"
    page.keyboard.press("ArrowDown")
    expect(page.locator(".stage-hint")).to_contain_text(titles(page)[0])
    page.get_by_role("button", name="Back to all results").click()
    assert titles(page) == before


def test_another_mix_starts_anew(page: Page) -> None:
    choose_mix(page, MIX.parent / "alone-with-colors-mix-no-bass.ogg")
    expect(page.get_by_role("heading", name="alone-with-colors-mix-no-bass.ogg")).to_be_visible()
