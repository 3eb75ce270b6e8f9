using System.Runtime.InteropServices;

namespace Quickstart;

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
        source.Cancel();
    }
}
