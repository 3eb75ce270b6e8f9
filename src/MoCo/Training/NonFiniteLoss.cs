using System.Text.Json.Serialization;

namespace MoCo.Training;

/// <summary>What becomes of a step whose loss or gradients are not finite.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NonFiniteLoss>))]
public enum NonFiniteLoss
{
    /// <summary>Training ends with <see cref="TrainingDivergedException"/>.</summary>
    Stop,

    /// <summary>The step is left out, as if its batch had not been, so often in a row as <see cref="MoCoOptions.MostSkippedSteps"/> says.
    /// Every step is looked at, which waits for a GPU.</summary>
    Skip,
}
