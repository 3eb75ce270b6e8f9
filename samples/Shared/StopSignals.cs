using System.Runtime.InteropServices;

namespace Samples;

/// <summary>Ctrl-C and SIGTERM: the first asks to stop, the second ends the program as if nobody had listened.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public StopSignals() => registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
    ];

    public CancellationToken Token => source.Token;

    /// <summary>What shells expect of a program that a signal stopped: 130 after Ctrl-C, 143 after SIGTERM.</summary>
    public int ExitCode { get; private set; } = 130;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (source.IsCancellationRequested)
        {
            // The live display hides the cursor, and nobody will be there to show it again.
            if (!Console.IsOutputRedirected) Console.Write("\e[?25h\n");
            return;
        }
        context.Cancel = true;
        if (context.Signal == PosixSignal.SIGTERM) ExitCode = 143;
        source.Cancel();
    }
}
