using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Core;

public sealed class DisposeScopeTests
{
    [Fact]
    public void A_scope_disposes_what_was_made_inside_it_and_nothing_else()
    {
        using Tensor outside = zeros(2);
        Tensor inside;
        using (NewDisposeScope())
        {
            inside = outside + 1;
        }

        Assert.True(inside.IsInvalid);
        Assert.False(outside.IsInvalid);
    }

    [Fact]
    public void A_detached_tensor_outlives_its_scope_and_a_moved_one_dies_with_the_outer_scope()
    {
        Tensor detached, moved;
        using (NewDisposeScope())
        {
            using (NewDisposeScope())
            {
                detached = zeros(1).DetachFromDisposeScope();
                moved = zeros(1).MoveToOuterDisposeScope();
            }
            Assert.False(moved.IsInvalid);
        }

        Assert.True(moved.IsInvalid);
        Assert.False(detached.IsInvalid);
        detached.Dispose();
    }

    [Fact]
    public void Statistics_count_creation_disposal_attaching_and_detaching()
    {
        DisposeScopeManager.Statistics.Reset();
        using (DisposeScope scope = NewDisposeScope())
        {
            Tensor kept = zeros(1);
            _ = zeros(1);
            scope.Detach(kept);
            scope.Attach(kept);
        }
        zeros(1).Dispose();

        LifetimeStatistics statistics = DisposeScopeManager.Statistics.TensorStatistics;
        Assert.Equal((2, 2), (statistics.CreatedInScopeCount, statistics.DisposedInScopeCount));
        Assert.Equal((1, 1), (statistics.CreatedOutsideScopeCount, statistics.DisposedOutsideScopeCount));
        Assert.Equal((1, 1), (statistics.AttachedToScopeCount, statistics.DetachedFromScopeCount));
        Assert.Equal(0, statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Disposing_all_but_some_keeps_those_in_the_scope()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor kept = zeros(1), other = zeros(1);

        scope.DisposeEverythingBut(kept);

        Assert.False(kept.IsInvalid);
        Assert.True(other.IsInvalid);
        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void Scopes_belong_to_their_thread()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor? made = null;
        var thread = new Thread(() => made = zeros(1));
        thread.Start();
        thread.Join();

        Assert.Equal(0, scope.DisposablesCount);
        made!.Dispose();
    }

    [Fact]
    public void A_parameter_takes_over_the_tensor_and_its_place_in_the_scope()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor data = ones(3);
        var parameter = new Parameter(data);

        Assert.True(data.IsInvalid);
        Assert.True(parameter.requires_grad);
        Assert.True(scope.Contains(parameter));
        Assert.Equal(1, scope.DisposablesCount);
    }

    [Fact]
    public void A_disposed_tensor_refuses_to_work()
    {
        Tensor tensor = zeros(1);
        tensor.Dispose();
        tensor.Dispose();

        Assert.Throws<InvalidOperationException>(() => tensor.add(1));
        Assert.Throws<InvalidOperationException>(() => tensor.shape);
    }
}
