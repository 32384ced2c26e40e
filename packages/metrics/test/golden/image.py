"""Inputs and calls for metrics of images."""

import torch
from __main__ import put, record

rng = torch.Generator().manual_seed(3)
target = torch.rand(3, 3, 20, 22, generator=rng).mul(100).round() / 100
preds = (target * 0.8 + torch.rand(3, 3, 20, 22, generator=rng) * 0.2).mul(100).round() / 100
images = [put("images preds", preds), put("images target", target)]
volumes = [put("volumes preds", preds[:, :, :12, :12].unsqueeze(2).repeat(1, 1, 12, 1, 1)[:, :1]), put("volumes target", target[:, :, :12, :12].unsqueeze(2).repeat(1, 1, 12, 1, 1)[:, :1])]
large = [put("large preds", preds[:2, :1].repeat(1, 1, 2, 2)), put("large target", target[:2, :1].repeat(1, 1, 2, 2))]

record("peak_signal_noise_ratio", images, (1.0,), {}, "PeakSignalNoiseRatio")
record("peak_signal_noise_ratio", images, (1.0,), {"base": 2.0}, "PeakSignalNoiseRatio")
record("peak_signal_noise_ratio", images, ((0.2, 0.8),), {}, "PeakSignalNoiseRatio")
for how in ["elementwise_mean", "sum", "none"]:
    record("peak_signal_noise_ratio", images, (1.0,), {"dim": (1, 2, 3), "reduction": how}, "PeakSignalNoiseRatio")
    record("structural_similarity_index_measure", images, (), {"data_range": 1.0, "reduction": how}, "StructuralSimilarityIndexMeasure")
    record("universal_image_quality_index", images, (), {"reduction": how}, "UniversalImageQualityIndex")
    record("error_relative_global_dimensionless_synthesis", images, (), {"reduction": how}, "ErrorRelativeGlobalDimensionlessSynthesis")
    record("spectral_angle_mapper", images, (), {"reduction": how}, "SpectralAngleMapper")
for options in [
    {"gaussian_kernel": False, "kernel_size": 7}, {"sigma": 1.0}, {"k1": 0.02, "k2": 0.05},
    {"data_range": (0.1, 0.9)}, {"return_full_image": True}, {"return_contrast_sensitivity": True},
]:
    record("structural_similarity_index_measure", images, (), {"data_range": 1.0, **options}, "StructuralSimilarityIndexMeasure")
record("structural_similarity_index_measure", images, (), {}, "StructuralSimilarityIndexMeasure", chunked=False)
record("structural_similarity_index_measure", volumes, (), {"data_range": 1.0}, "StructuralSimilarityIndexMeasure")
for normalize in ["relu", "simple", None]:
    options = {"data_range": 1.0, "betas": (0.2, 0.5, 0.3), "kernel_size": 9, "sigma": 1.0, "normalize": normalize}
    record("multiscale_structural_similarity_index_measure", large, (), options, "MultiScaleStructuralSimilarityIndexMeasure")
record("universal_image_quality_index", images, (), {"kernel_size": (7, 7), "sigma": (1.0, 2.0)}, "UniversalImageQualityIndex")
record("error_relative_global_dimensionless_synthesis", images, (), {"ratio": 2.0}, "ErrorRelativeGlobalDimensionlessSynthesis")
for how in ["mean", "sum", "none"]:
    record("total_variation", images[:1], (), {"reduction": how}, "TotalVariation")
record("image_gradients", images[:1], (), {}, None)
