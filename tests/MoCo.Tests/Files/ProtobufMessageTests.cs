using System.Text;
using Google.Protobuf;
using MoCo.Files;

namespace MoCo.Tests.Files;

public sealed class ProtobufMessageTests
{
    [Fact]
    public void Every_kind_of_field_is_read_back_by_Google_s_library()
    {
        ProtobufMessage inner = new ProtobufMessage().Text(1, "σ² – ½");
        ProtobufMessage message = new ProtobufMessage()
            .Numbers(1, [0, 127, 128, -1, long.MaxValue]).Float(2, -0.5f).Double(3, Math.PI).Doubles(200, [1, double.NaN, -2e300])
            .Message(5, inner).Content(6, [1, 2, 3]).Append(inner);

        CodedInputStream input = new([.. message.Bytes]);
        foreach (long number in (long[])[0, 127, 128, -1, long.MaxValue]) Assert.Equal(number, Next(1).ReadInt64());
        Assert.Equal(-0.5f, Next(2).ReadFloat());
        Assert.Equal(Math.PI, Next(3).ReadDouble());
        Assert.Equal(3 * sizeof(double), Next(200).ReadLength());
        foreach (double number in (double[])[1, double.NaN, -2e300]) Assert.Equal(number, input.ReadDouble());
        Assert.Equal(2 + Encoding.UTF8.GetByteCount("σ² – ½"), Next(5).ReadLength());
        Assert.Equal("σ² – ½", Next(1).ReadString());
        Assert.Equal([1, 2, 3], Next(6).ReadBytes().ToByteArray());
        Assert.Equal("σ² – ½", Next(1).ReadString());
        Assert.True(input.IsAtEnd);

        CodedInputStream Next(int field)
        {
            Assert.Equal(field, WireFormat.GetTagFieldNumber(input.ReadTag()));
            return input;
        }
    }

    [Fact]
    public void Content_may_follow_the_message_that_announces_it()
    {
        using MemoryStream stream = new();
        new ProtobufMessage().Number(1, 7).Begin(2, 300).WriteTo(stream);
        stream.Write(new byte[300]);

        Assert.Equal([.. new ProtobufMessage().Number(1, 7).Content(2, new byte[300]).Bytes], stream.ToArray());
    }
}
