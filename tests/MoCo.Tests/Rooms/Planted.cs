using MoCo.Tests.Rooms.Planted.Upper;

#pragma warning disable // Types that only the test of the order looks at.
namespace MoCo.Tests.Rooms.Planted.Upper
{
    internal sealed class UpperType
    {
        public static void Run()
        {
        }
    }

    internal sealed class MarkAttribute : Attribute;
}

namespace MoCo.Tests.Rooms.Planted.Lower
{
    internal sealed class Field
    {
        private UpperType? held;
    }

    internal sealed class Parameter
    {
        public void Take(UpperType value)
        {
        }
    }

    internal sealed class Local
    {
        public void Make()
        {
            UpperType? value = null;
            for (int i = 0; i < 2; i++) GC.KeepAlive(value);
        }
    }

    internal sealed class Call
    {
        public void Run() => UpperType.Run();
    }

    internal sealed class Argument
    {
        public object Make() => new Dictionary<int, List<UpperType>>();
    }

    [Mark]
    internal sealed class Marked;

    internal sealed class Closure
    {
        public Func<Func<int>> Make(int value) => () => () =>
        {
            UpperType.Run();
            return value;
        };
    }

    internal sealed class Iterator
    {
        public IEnumerable<int> Make()
        {
            yield return 1;
            UpperType.Run();
        }
    }

    internal sealed class Asynchronous
    {
        public async Task Run()
        {
            await Task.Yield();
            UpperType.Run();
        }
    }

    internal sealed class AsynchronousClosure
    {
        public Func<Task> Make(int value) => async () =>
        {
            await Task.Delay(value);
            UpperType.Run();
        };
    }

    internal sealed class Innocent;
}
