using System.Globalization;

namespace MoCo.Reporting;

/// <summary>The messages of TensorBoard's HPARAMS tab (its hparams api.proto and plugin_data.proto; values are google.protobuf.Value).</summary>
internal static class HyperparameterMessages
{
    private const string Plugin = "hparams";
    private const long StringType = 1, BoolType = 2, NumberType = 3, Success = 1;

    public static Message[] Of(IReadOnlyDictionary<string, object> options, IReadOnlyCollection<string> metrics, double time)
    {
        var experiment = new Message();
        var start = new Message();
        foreach ((string name, object value) in options)
        {
            (long type, Message held) = Value(value);
            experiment.Add(5, new Message().Add(1, name).Add(4, type));
            start.Add(1, new Message().Add(1, name).Add(2, held));
        }
        foreach (string metric in metrics) experiment.Add(6, new Message().Add(1, new Message().Add(2, metric)));
        start.Add(5, time);
        Message end = new Message().Add(1, Success).Add(2, time);
        return [Part("experiment", 2, experiment), Part("session_start_info", 3, start), Part("session_end_info", 4, end)];
    }

    private static Message Part(string name, int field, Message content)
        => EventMessages.PluginData($"_hparams_/{name}", Plugin, new Message().Add(field, content).ToArray());

    private static (long Type, Message Value) Value(object value) => value switch
    {
        bool flag => (BoolType, new Message().Add(4, flag ? 1L : 0L)),
        byte or short or int or long or float or double or decimal => (NumberType, new Message().Add(2, Convert.ToDouble(value, CultureInfo.InvariantCulture))),
        _ => (StringType, new Message().Add(3, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")),
    };
}
