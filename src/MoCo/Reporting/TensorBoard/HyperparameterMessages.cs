namespace MoCo.Reporting.TensorBoard;

/// <summary>The messages of TensorBoard's HPARAMS tab (its api.proto and plugin_data.proto; values are google.protobuf.Value).</summary>
internal static class HyperparameterMessages
{
    private const string Plugin = "hparams";
    private const long StringType = 1, BoolType = 2, NumberType = 3, Success = 1;

    public static ProtobufMessage[] Of(IReadOnlyDictionary<string, object> options, IReadOnlyCollection<string> metrics, double time)
    {
        ProtobufMessage experiment = new();
        ProtobufMessage start = new();
        foreach ((string name, object value) in options)
        {
            (long type, ProtobufMessage held) = Value(value);
            experiment.Message(5, new ProtobufMessage().Text(1, name).Number(4, type));
            start.Message(1, new ProtobufMessage().Text(1, name).Message(2, held));
        }
        foreach (string metric in metrics) experiment.Message(6, new ProtobufMessage().Message(1, new ProtobufMessage().Text(2, metric)));
        start.Double(5, time);
        ProtobufMessage end = new ProtobufMessage().Number(1, Success).Double(2, time);
        return [Part("experiment", 2, experiment), Part("session_start_info", 3, start), Part("session_end_info", 4, end)];
    }

    private static ProtobufMessage Part(string name, int field, ProtobufMessage content)
        => EventMessages.PluginData($"_hparams_/{name}", Plugin, new ProtobufMessage().Message(field, content));

    private static (long Type, ProtobufMessage Value) Value(object value) => value switch
    {
        bool flag => (BoolType, new ProtobufMessage().Number(4, flag ? 1 : 0)),
        byte or short or int or long or float or double or decimal
            => (NumberType, new ProtobufMessage().Double(2, Convert.ToDouble(value, CultureInfo.InvariantCulture))),
        _ => (StringType, new ProtobufMessage().Text(3, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")),
    };
}
