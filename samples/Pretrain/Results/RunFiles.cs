namespace Pretrain.Results;

/// <summary>Writing a run's files: where one can't be written, the run ends or goes on, as <c>--go-on-after-error</c> says.</summary>
internal sealed class RunFiles(bool goesOn, Display display)
{
    private readonly HashSet<string> told = [];

    /// <returns>Whether it was written.</returns>
    public bool Write(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (Exception error) when (goesOn && error is IOException or UnauthorizedAccessException)
        {
            // A full disk is full for hours.
            if (told.Add(error.Message)) display.Say($"error: {error.Message.TrimEnd('.')}. The run goes on.");
            return false;
        }
    }
}
