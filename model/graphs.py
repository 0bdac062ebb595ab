"""What a release's three graphs compute, as modules: the halves of a network that are asked apart."""

from torch import Tensor, nn

from model.shortening import Network


class ContextGraph(nn.Module):
    """waveform [B, T] → latents [B, P, D]."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, waveform: Tensor) -> Tensor:
        return self.network.embed_context(self.network.front_end(waveform))


class PredictorGraph(nn.Module):
    """latents [B, P, D], stem_type [B] → queries [B, K, D]; of dense ones, played [B, P] marks the mix."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, latents: Tensor, stem_type: Tensor, played: Tensor | None = None) -> Tensor:
        return self.network.predict(latents, stem_type, played).queries


class TargetGraph(nn.Module):
    """waveform [B, T] → candidates [B, D]; of dense ones, played [B, P] marks the stem."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, waveform: Tensor, played: Tensor | None = None) -> Tensor:
        return self.network.embed_target(self.network.front_end(waveform), played).candidates
