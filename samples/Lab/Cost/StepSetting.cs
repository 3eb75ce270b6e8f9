using MoCo.Contrast;

namespace Lab.Cost;

/// <summary>A training step to be measured.</summary>
/// <param name="Batch">Images in a batch.</param>
/// <param name="Size">Width and height of a view.</param>
internal sealed record StepSetting(MethodKind Method, int Batch, EncoderOptions Encoder, int Size, int Queue, int Threads)
{
    public MoCoOptions Options => MoCoOptions.V2 with
    {
        Method = Method,
        Encoder = Encoder,
        Queue = new() { Length = Queue },
        KeyEncoder = new() { ShuffleBatch = false },
        BatchSize = Batch,
    };
}

/// <summary>What a step takes, measured in a process of its own. Megabytes are of a million bytes.</summary>
/// <param name="Seconds">Of a step.</param>
/// <param name="PeakMb">The process's memory at most.</param>
/// <param name="BaseMb">Its memory before there is an encoder.</param>
/// <param name="CountedMb">Parameters and buffers of the method, gradients and momentum of those that learn, and the copies by which a
/// failed step is undone.</param>
internal sealed record StepMeasure(double Seconds, double PeakMb, double BaseMb, double CountedMb);
