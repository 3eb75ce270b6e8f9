namespace MoCo.Tests.Shared;

/// <summary>How many damaged inputs of each kind a test makes: as many as the variable MOCO_MUTATIONS says, for a longer look by
/// hand.</summary>
internal static class MutationCount
{
    public static int Or(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("MOCO_MUTATIONS"), out int asked) ? asked : usual;
}
