using System.Runtime.InteropServices;

namespace Samples;

/// <summary>Ctrl-C and SIGTERM: the first asks to stop, the second ends the program as if nobody had listened. SIGUSR1, by which
/// schedulers tell that time is nearly over, asks to stop as often as it comes.</summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>The exit code of a program that SIGUSR1 stopped: it would go on if it were started again (sysexits' EX_TEMPFAIL).</summary>
    public const int StartAgain = 75;

    private const PosixSignal User1Linux = (PosixSignal)10, User1Mac = (PosixSignal)30;

    private readonly CancellationTokenSource source = new();
    private bool wasAsked;
    private readonly PosixSignalRegistration[] registrations;

    public StopSignals() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        .. OperatingSystem.IsWindows() ? [] : (PosixSignalRegistration[])[PosixSignalRegistration.Create(User1, Handle)],
    ];

    private static PosixSignal User1 => OperatingSystem.IsMacOS() ? User1Mac : User1Linux;

    public CancellationToken Token => source.Token;

    /// <summary>What shells expect of a program that a signal stopped: 130 after Ctrl-C, 143 after SIGTERM; and
    /// <see cref="StartAgain"/>.</summary>
    public int ExitCode { get; private set; } = 130;

    /// <summary>Stops as another process was asked to, which this one works with.</summary>
    public void Follow(int exitCode)
    {
        ExitCode = exitCode;
        source.Cancel();
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        bool isUser1 = context.Signal == User1;
        if (wasAsked && !isUser1)
        {
            // The live display hides the cursor, and nobody will be there to show it again.
            if (!Console.IsOutputRedirected) Console.Write("\e[?25h\n");
            return;
        }
        context.Cancel = true;
        wasAsked = true;
        if (source.IsCancellationRequested) return;
        if (context.Signal == PosixSignal.SIGTERM) ExitCode = 143;
        if (isUser1) ExitCode = StartAgain;
        source.Cancel();
    }
}
