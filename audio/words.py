"""The words that file and folder names use for a stem's type, in three strengths.

Words are lower-case and singular (a final s is dropped to find them); an entry of several is a phrase.
"""

from collections.abc import Mapping

from audio.stems import StemType

NOT_STEMS = (
    "mix", "mixes", "mixdown", "mixture", "master", "premaster", "instrumental", "bounce", "karaoke",
    "backing track", "full song", "full track",
)  # fmt: skip

# These hold the name of an instrument and mean none.
MEANINGLESS = ("drum and bass", "drum n bass", "drum & bass")

INSTRUMENTS: Mapping[StemType, tuple[str, ...]] = {
    StemType.DRUMS: (
        "drum", "drm", "drumkit", "drumloop", "drum machine", "kick", "kik", "kd", "bd", "bass drum",
        "bassdrum", "snare", "snr", "sd", "hat", "hihat", "hi hat", "hh", "cymbal", "tomtom", "overhead",
        "oh l", "oh r", "clap", "rim", "rimshot", "sidestick", "perc", "percussion", "shaker",
        "tambourine", "tamb", "conga", "bongo", "cowbell", "cow bell", "cajon", "djembe", "tabla", "timbale",
        "timpani", "clave", "woodblock", "guiro", "cabasa", "breakbeat", "taiko",
    ),
    StemType.BASS: (
        "bass", "bassline", "bass line", "bass guitar", "bass gtr", "synth bass", "sub bass", "subbass",
        "contrabass", "double bass", "upright bass", "reese",
    ),
    StemType.VOCALS: (
        "vocal", "vox", "voc", "voice", "vocalist", "singer", "singing", "choir", "chorale", "acapella",
        "acappella", "a cappella", "adlib", "ad lib", "bgv", "bvox", "backing vocal", "vocoder", "rapper",
    ),
    StemType.GUITAR: (
        "guitar", "gtr", "guit", "egtr", "agtr", "ukulele", "uke", "banjo", "mandolin", "bouzouki", "sitar",
        "lap steel", "pedal steel", "slide guitar", "steel guitar",
    ),
    StemType.KEYS: (
        "keys", "keyboard", "piano", "pianoforte", "pno", "epiano", "e piano", "electric piano", "rhodes",
        "wurli", "wurlitzer", "organ", "hammond", "clav", "clavinet", "clavier", "harpsichord", "accordion",
        "celesta", "glockenspiel", "vibraphone", "marimba", "xylophone", "mellotron", "tubular bell",
    ),
    StemType.STRINGS: (
        "strings", "string section", "violin", "viola", "cello", "celli", "fiddle", "harp", "pizzicato",
        "vln", "vla", "vlc", "string quartet",
    ),
    StemType.WIND: (
        "wind", "woodwind", "brass", "horn", "trumpet", "tpt", "trombone", "tbn", "tuba", "sax", "saxes",
        "saxophone", "flute", "piccolo", "clarinet", "bass clarinet", "oboe", "bassoon", "flugelhorn",
        "harmonica", "mouth organ", "bagpipe", "ocarina", "didgeridoo", "pan pipe",
    ),
}  # fmt: skip

# How a thing is made or used: any instrument in the same name says more ("synth bass", "vocal fx").
KINDS: Mapping[StemType, tuple[str, ...]] = {
    StemType.SYNTH: (
        "synth", "syn", "synthesizer", "synthesiser", "pad", "arp", "arpeggio", "moog", "supersaw",
    ),
    StemType.OTHER: ("other", "fx", "sfx", "effect", "harmony", "melody", "melodic", "ambience", "foley"),
}  # fmt: skip

# Words with other uses too: heard only if neither the file nor its folders say anything better.
HINTS: Mapping[StemType, tuple[str, ...]] = {
    StemType.DRUMS: ("kit", "beat", "909", "break", "crash", "ride", "tom", "snap"),
    StemType.BASS: ("808", "sub"),
    StemType.VOCALS: ("rap", "sing"),
    StemType.SYNTH: ("lead", "pluck", "stab"),
    StemType.KEYS: ("bell",),
}
