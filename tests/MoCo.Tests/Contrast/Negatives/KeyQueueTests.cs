using MoCo.Contrast.Negatives;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast.Negatives;

public sealed class KeyQueueTests
{
    [Fact]
    public void Starts_with_unit_vectors_in_the_official_layout()
    {
        using KeyQueue queue = new(16, 100);
        Dictionary<string, Tensor> state = queue.state_dict();
        Assert.Equal(["queue", "queue_ptr"], state.Keys);
        Assert.Equal([16, 100], state["queue"].shape);
        Assert.Equal([1], state["queue_ptr"].shape);
        Assert.Equal(ScalarType.Int64, state["queue_ptr"].dtype);
        Fixture.Near(ones(100), state["queue"].Squared().sum([0L]), 1e-5, "squared norms");
    }

    [Fact]
    public void Enqueue_wraps_around_the_end_of_the_queue_for_any_batch_size()
    {
        using DisposeScope scope = NewDisposeScope();
        const int length = 23;
        using KeyQueue queue = new(4, length);
        using Generator generator = new(1, CPU);
        Tensor[] naive = [.. queue.Keys().clone().split(1)];
        int position = 0;
        foreach (int count in new[] { 5, 23, 1, 17, 22, 9 })
        {
            Tensor keys = Unit(count, 4, generator);
            queue.Enqueue(keys);
            for (int i = 0; i < count; i++) naive[(position + i) % length] = keys.narrow(0, i, 1);
            position = (position + count) % length;
            Assert.Equal(position, queue.Position);
            Assert.Equal(position, queue.state_dict()["queue_ptr"][0].item<long>());
            Fixture.Near(cat(naive, 0), queue.Keys(), 0, $"queue after {count} keys");
        }
    }

    [Fact]
    public void Slots_remember_sample_step_and_label()
    {
        using DisposeScope scope = NewDisposeScope();
        using KeyQueue queue = new(4, 5, trackSlots: true);
        using Generator generator = new(1, CPU);
        queue.Enqueue(Unit(3, 4, generator), step: 7, indices: [10, 11, 12], labels: [1, 2, 3]);
        queue.Enqueue(Unit(3, 4, generator), step: 8, indices: [20, 21, 22]);
        Assert.Equal([22, 11, 12, 20, 21], queue.Slots!.Indices());
        Assert.Equal([8, 7, 7, 8, 8], queue.Slots.Steps());
        Assert.Equal([-1, 2, 3, -1, -1], queue.Slots.Labels());
    }

    [Fact]
    public void Refuses_keys_that_are_not_unit_vectors_and_keeps_the_queue()
    {
        using DisposeScope scope = NewDisposeScope();
        using KeyQueue queue = new(4, 8);
        using Generator generator = new(1, CPU);
        Tensor before = queue.Keys().clone(), good = Unit(2, 4, generator), bad = good.clone();
        bad[1, 2] = tensor(float.NaN);
        Assert.Contains("off 1 by", Assert.Throws<ArgumentException>(() => queue.Enqueue(good.Times(1.01)))
            .Message, StringComparison.Ordinal);
        Assert.Contains("not a finite number", Assert.Throws<ArgumentException>(() => queue.Enqueue(bad))
            .Message, StringComparison.Ordinal);
        Assert.Contains("N×4 with N from 1 to 8", Assert.Throws<ArgumentException>(() => queue.Enqueue(Unit(9, 4, generator)))
            .Message, StringComparison.Ordinal);
        Assert.Contains("N×4", Assert.Throws<ArgumentException>(() => queue.Enqueue(Unit(2, 5, generator)))
            .Message, StringComparison.Ordinal);
        Assert.Contains("Float64; expected Float32", Assert.Throws<ArgumentException>(() => queue.Enqueue(good.to(ScalarType.Float64)))
            .Message, StringComparison.Ordinal);
        Fixture.Near(before, queue.Keys(), 0, "queue");
        Assert.Equal(0, queue.Position);
    }

    [Fact]
    public void Loading_a_state_restores_keys_and_position()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1, CPU);
        using KeyQueue queue = new(4, 8);
        using KeyQueue copy = new(4, 8, generator);
        queue.Enqueue(Unit(3, 4, generator));
        copy.load_state_dict(queue.state_dict());
        Assert.Equal(3, copy.Position);
        Tensor next = Unit(7, 4, generator);
        queue.Enqueue(next);
        copy.Enqueue(next);
        Fixture.Near(queue.Keys(), copy.Keys(), 0, "queue");

        Dictionary<string, Tensor> wrong = queue.state_dict().ToDictionary(e => e.Key, e => e.Value.clone());
        wrong["queue_ptr"].Fill(8);
        Assert.Contains("expected 0 to 7", Assert.Throws<InvalidDataException>(() => copy.load_state_dict(wrong))
            .Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("queue.load_state_dict")]
    [InlineData("parent.load_state_dict")]
    [InlineData("buffer")]
    public void However_the_pointer_is_loaded_the_next_keys_take_the_place_of_the_oldest(string way)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1, CPU);
        using KeyQueue saved = new(4, 8), loaded = new(4, 8);
        using Holder savedParent = new(saved), loadedParent = new(loaded);
        saved.Enqueue(Unit(5, 4, generator));
        loaded.Enqueue(Unit(2, 4, generator));
        switch (way)
        {
            case "queue.load_state_dict": loaded.load_state_dict(saved.state_dict()); break;
            case "parent.load_state_dict": loadedParent.load_state_dict(savedParent.state_dict()); break;
            default:
                foreach ((string name, Tensor buffer) in loaded.named_buffers()) buffer.copy_(saved.state_dict()[name]);
                break;
        }
        Assert.Equal(5, loaded.Position);
        Tensor next = Unit(7, 4, generator);
        saved.Enqueue(next);
        loaded.Enqueue(next);
        Fixture.Near(saved.Keys(), loaded.Keys(), 0, "queue");
        Assert.Equal(4, loaded.state_dict()["queue_ptr"][0].item<long>());
    }

    [Fact]
    public void A_pointer_outside_the_queue_is_refused_at_its_first_use()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1, CPU);
        using KeyQueue queue = new(4, 8);
        queue.state_dict()["queue_ptr"].Fill(-1);
        Assert.Equal("queue_ptr is -1; expected 0 to 7.",
            Assert.Throws<InvalidDataException>(() => queue.Enqueue(Unit(1, 4, generator))).Message);
    }

    private sealed class Holder : nn.Module
    {
        public Holder(KeyQueue queue)
            : base(nameof(Holder))
            => register_module(nameof(queue), queue);
    }

    private static Tensor Unit(int count, int dimension, Generator generator)
        => nn.functional.normalize(randn(count, dimension, generator: generator), dim: 1);
}
