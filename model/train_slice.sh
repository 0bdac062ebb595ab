#!/usr/bin/env bash
# One slice of a training on a machine that starts bare and is taken back after ten minutes: unpack the state of
# the last slice, render the songs again (the same seeds give the same songs), train, pack the state.
#
#   MIDI=midi SOUNDFONTS="A.sf2 B.sf3" STATE=state MINUTES=6 RENDER_LIMIT=400 DEVICE=cuda model/train_slice.sh
#
# STATE holds a few files of at most 16 MB; carry it from one slice to the next. Only what a run needs to go on is
# in it: last/, best/, log.csv and data.json. WHEELS, a folder of wheels, serves a machine without a network.
set -euo pipefail
cd "$(dirname "$0")/.."

: "${MIDI:?folder of MIDI files}" "${SOUNDFONTS:?soundfonts, separated by spaces}" "${STATE:?folder that is carried}"
PYTHON=${PYTHON:-python3}
RUN=${RUN:-runs/sliced}
SONGS=${SONGS:-runs/songs}
MINUTES=${MINUTES:-6}
RENDER_LIMIT=${RENDER_LIMIT:-400}
DEVICE=${DEVICE:-cuda}
counterpart=("$PYTHON" -c 'from counterpart import cli; cli()')

if [ -n "${WHEELS:-}" ]; then
    "$PYTHON" -m pip install --quiet --no-index --find-links "$WHEELS" 'counterpart[train]' || exit 1
fi

mkdir -p "$STATE" "$RUN" "$SONGS"
for part in last best; do
    [ -f "$STATE/$part.tar" ] && rm -rf "${RUN:?}/$part" && tar -xf "$STATE/$part.tar" -C "$RUN"
done
for file in log.csv data.json; do
    [ -f "$STATE/$file" ] && cp "$STATE/$file" "$RUN/"
done

# A number of songs and not a time limits the rendering: which ones are done after so many seconds differs from
# machine to machine, and a run goes on with the songs that it began with alone. They come in an order drawn by the
# seed, so the first ones are a fair sample of all sources.
fonts=()
for font in $SOUNDFONTS; do fonts+=(--soundfont "$font"); done
"${counterpart[@]}" model render "$MIDI" --out "$SONGS" "${fonts[@]}" --limit "$RENDER_LIMIT" \
    --workers "$(nproc)" ${RENDER_OPTIONS:-}

"${counterpart[@]}" model train "$SONGS" --out "$RUN" --device "$DEVICE" --minutes "$MINUTES" ${TRAIN_OPTIONS:-}

for part in last best; do
    [ -d "$RUN/$part" ] && tar -cf "$STATE/$part.tar" -C "$RUN" "$part"
done
cp "$RUN/log.csv" "$RUN/data.json" "$STATE/"
too_large=$(find "$STATE" -type f -size +16M)
[ -z "$too_large" ] || { echo "Larger than 16 MB, and so not to be carried: $too_large" >&2; exit 1; }
