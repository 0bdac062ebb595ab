"""From an upload to what was heard of it: decoded by a process, encoded by the networks, or remembered."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from audio.decode import DecodeLimits, Recording
from service.desk import Desk
from service.heard_mix import HeardMix, hear_mix
from service.patience import Patience
from service.question import Question
from service.recent_mixes import ForgottenMixError, MixKey, hash_upload
from service.resources import Resources
from service.stopwatch import Stopwatch
from service.turns import Turn
from service.uploads import decode_upload


@dataclass(frozen=True, slots=True)
class Errand:
    """One request on its way: what it may use, how long it may take and how long it took."""

    desk: Desk
    resources: Resources
    patience: Patience
    stopwatch: Stopwatch

    async def decode(self, upload: BinaryIO, filename: str | None) -> Recording:
        """Samples of an uploaded file; needs a turn at decoding.

        Raises:
            UnreadableAudioError, DecoderLostError, GivenUpError, TooLateError: see `decode_upload`.
        """
        limits = DecodeLimits(max_seconds=self.resources.settings.max_mix_seconds)
        return await self.desk.in_thread(partial(self._decode, upload, filename, limits))

    def _decode(self, upload: BinaryIO, filename: str | None, limits: DecodeLimits) -> Recording:
        with self.stopwatch.step("decode"):
            decoder, patience = self.resources.decoders, self.patience
            return decode_upload(upload, filename, limits, decoder=decoder, patience=patience)


@dataclass(frozen=True, slots=True)
class ReadMix:
    """A mix that only needs the networks: a place at them, and what to call there to know what is heard."""

    sha256: str
    turn: Turn
    listen: Callable[[], HeardMix]


async def read_mix(errand: Errand, upload: BinaryIO, filename: str | None, question: Question) -> ReadMix:
    """The mix in an upload, decoded.

    A mix that is remembered needs no decoding. Of others, so many are kept decoded as there are decoders:
    whoever has been decoded waits for the networks without giving its decoder's turn away.

    Raises:
        UnreadableAudioError, DecoderLostError, GivenUpError, TooLateError: see `decode_upload`.
    """
    key = MixKey.of(await errand.desk.in_thread(partial(hash_upload, upload)), question)
    remembered = errand.resources.recent.find(key)
    if remembered is not None:
        return ReadMix(key.sha256, await errand.desk.inference.take(), lambda: remembered)
    async with await errand.desk.decoding.take():
        recording = await errand.decode(upload, filename)
        turn = await errand.desk.inference.take()
        return ReadMix(key.sha256, turn, partial(_hear, errand, recording, question, key))


async def recall_mix(errand: Errand, sha256: str, question: Question) -> ReadMix:
    """The mix with this hash, of which the region of `question` was heard lately.

    Raises:
        ForgottenMixError: it was not, or is forgotten.
    """
    remembered = errand.resources.recent.find(MixKey.of(sha256, question))
    if remembered is None:
        raise ForgottenMixError
    return ReadMix(sha256, await errand.desk.inference.take(), lambda: remembered)


def _hear(errand: Errand, recording: Recording, question: Question, key: MixKey) -> HeardMix:
    heard = hear_mix(recording, question, errand.resources.embedder, errand.stopwatch)
    errand.resources.recent.keep(key, heard)
    return heard
