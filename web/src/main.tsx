/** Starts the page. */

import { render } from "preact";

import "@fontsource-variable/instrument-sans";
import "./styles/tokens.css";
import "./styles/page.css";
import "./styles/stage.css";
import "./styles/controls.css";
import "./styles/results.css";
import { createClient } from "./api/client.ts";
import { Access } from "./state/access.ts";
import { Session } from "./state/session.ts";
import { BrowserStore } from "./state/store.ts";
import { App } from "./view/App.tsx";
import { listenToKeys } from "./view/keyboard.ts";

const root = document.getElementById("page");
if (root !== null) {
  const access = new Access(new BrowserStore(() => window.sessionStorage));
  const session = new Session(createClient(() => access.key.value), access, new BrowserStore(() => window.localStorage));
  session.appearance.dress(document.documentElement);
  listenToKeys(session, window);
  window.addEventListener("storage", () => session.favourites.read());
  window.addEventListener("beforeunload", (event) => {
    if (session.stack.isAtRisk()) event.preventDefault();
  });
  render(<App session={session} />, root);
  void session.library.look();
}
