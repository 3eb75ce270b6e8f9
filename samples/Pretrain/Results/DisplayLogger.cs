using Microsoft.Extensions.Logging;

namespace Pretrain.Results;

/// <summary>Warnings and errors of the library as lines on the display.</summary>
internal sealed class DisplayLogger(Display display) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState,
        Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) display.Say($"{(logLevel == LogLevel.Warning ? "warning" : "error")}: {formatter(state, exception)}");
    }
}
