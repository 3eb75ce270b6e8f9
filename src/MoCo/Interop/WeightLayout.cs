using MoCo.Encoders;
using MoCo.Training.Checkpoints;

namespace MoCo.Interop;

/// <summary>Whose names the tensors of a file have.</summary>
public enum WeightLayout
{
    /// <summary>This library's checkpoint: <c>method.encoder_q.backbone.*</c>, <c>method.queue.queue</c> …</summary>
    Checkpoint,

    /// <summary>This library's encoder: <c>backbone.*</c>, <c>head.layers.*</c>.</summary>
    Encoder,

    /// <summary>A bare network with torchvision's names: <c>conv1.weight</c>, <c>layer1.0.bn1.bias</c> …, with or without <c>fc</c>.</summary>
    Backbone,

    /// <summary>The official MoCo code's checkpoint: <c>module.encoder_q.*</c>, <c>module.encoder_k.*</c>, <c>module.queue</c>.</summary>
    Official,

    /// <summary>Lightly: <c>backbone.0.weight</c> … numbered, <c>projection_head.layers.*</c>, <c>backbone_momentum.*</c>.</summary>
    Lightly,

    /// <summary>solo-learn: <c>backbone.*</c> or <c>encoder.*</c>, <c>projector.*</c>, <c>momentum_backbone.*</c>, <c>queue</c>.</summary>
    SoloLearn,

    /// <summary>mmpretrain and mmselfsup: <c>backbone.*</c>, <c>neck.mlp.*</c> or <c>neck.fc.*</c>, <c>encoder_k.*</c>, <c>queue</c>.</summary>
    MMPretrain,
}
