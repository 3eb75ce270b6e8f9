namespace MoCo.Augmentation.Color;

/// <summary>How many pixels the color formulas take at a time; the number of lanes is the value.</summary>
internal enum LaneWidth
{
    One = 1,
    Four = 4,
    Eight = 8,
    Sixteen = 16,
}
