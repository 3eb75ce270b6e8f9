using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace MoCo.Distributed.Nccl;

/// <summary>Where ranks meet over TCP to get a few bytes from rank 0, which listens: all get them when all have come.</summary>
/// <remarks>A guest asks with "MoCo ask", the number of ranks, its own and its job; it is answered with "MoCo say", 0 for the bytes or 1
/// for a refusal, a length, and the bytes or the refusal's text. Numbers are little-endian 32-bit integers.</remarks>
/// <param name="Host">Rank 0's machine.</param>
/// <param name="Port">The port.</param>
/// <param name="PortName">Where the port is from, for messages.</param>
/// <param name="Rank">This rank.</param>
/// <param name="Size">The ranks.</param>
/// <param name="Job">What tells this job from others of as many ranks.</param>
/// <param name="Patience">How long to wait for the others.</param>
internal sealed record Rendezvous(string Host, int Port, string PortName, int Rank, int Size, string Job, TimeSpan Patience)
{
    /// <summary>The variable that names another port.</summary>
    private const string Override = "MOCO_MASTER_PORT";

    private const int JobLength = 8, AskLength = 8 + 4 + 4 + JobLength, SayLength = 8 + 4 + 4, MostText = 4096;

    private static readonly byte[] Ask = "MoCo ask"u8.ToArray(), Say = "MoCo say"u8.ToArray();

    /// <summary>How long a guest may take to say who it is.</summary>
    internal TimeSpan Manners { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Where a launcher's ranks meet.</summary>
    /// <exception cref="ProcessGroupException">A variable is missing, or no port.</exception>
    public static Rendezvous Read(LaunchEnvironment launched, TimeSpan patience)
        => Read(launched, patience, Environment.GetEnvironmentVariable);

    internal static Rendezvous Read(LaunchEnvironment launched, TimeSpan patience, Func<string, string?> variable)
    {
        string host = Variable("MASTER_ADDR", "the name or address of rank 0's machine");
        string name = string.IsNullOrEmpty(variable(Override)) ? "MASTER_PORT" : Override;
        string text = Variable(name, "a free port of rank 0's machine");
        // torchrun's own store is at this port of rank 0's machine then, and stays there.
        bool isTaken = name != Override && variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
        int most = isTaken ? ushort.MaxValue - 1 : ushort.MaxValue;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port < 1 || port > most)
            throw new ProcessGroupException($"{name} is '{text}'; expected a port, 1 to {most}.");
        string job = launched.Launcher == Launcher.Slurm ? $"{variable("SLURM_JOB_ID")}.{variable("SLURM_STEP_ID")}"
            : variable("TORCHELASTIC_RUN_ID") ?? "";
        return new Rendezvous(host, isTaken ? port + 1 : port, isTaken ? $"{name} + 1" : name, launched.Rank, launched.Size, job, patience);

        string Variable(string name, string expected) => variable(name) is { Length: > 0 } value ? value
            : throw new ProcessGroupException($"{launched.SizeVariable} says {launched.Size} processes, and {name} is not set; expected "
                + $"{expected}, where ranks on GPUs meet. torchrun sets it; a job script of SLURM's has to: MASTER_ADDR=$(scontrol show "
                + "hostnames \"$SLURM_JOB_NODELIST\" | head -n 1) MASTER_PORT=29500.");
    }

    /// <summary>Rank 0's bytes on every rank.</summary>
    /// <param name="bytes">Rank 0's; another's tell only how many are expected.</param>
    /// <exception cref="ProcessGroupException">Ranks do not come in time, the port is not free, or rank 0 refuses this one.</exception>
    public byte[] Share(byte[] bytes) => Size == 1 ? bytes : Rank == 0 ? Welcome(bytes) : Visit(bytes.Length);

    private string Place => $"{Host}:{Port} ({PortName})";

    private byte[] JobCode => SHA256.HashData(Encoding.UTF8.GetBytes(Job))[..JobLength];

    private byte[] Welcome(byte[] bytes)
    {
        using TcpListener listener = Listen();
        using Guests guests = new(this);
        using CancellationTokenSource closing = new();
        Thread door = new(() => Admit(listener, guests, closing.Token)) { IsBackground = true, Name = "MoCo rendezvous" };
        door.Start();
        bool isComplete = guests.Wait(Patience);
        closing.Cancel();
        door.Join();
        if (!isComplete)
        {
            string missing = guests.Missing(Patience);
            guests.Answer(1, Encoding.UTF8.GetBytes(missing));
            throw new ProcessGroupException(missing);
        }
        guests.Answer(0, bytes);
        return bytes;
    }

    private TcpListener Listen()
    {
        TcpListener listener = TcpListener.Create(Port);
        try
        {
            listener.Start(Size + 16);
            return listener;
        }
        catch (SocketException error)
        {
            listener.Dispose();
            throw new ProcessGroupException(
                $"Rank 0 cannot listen at port {Port} ({PortName}): {error.Message}. Another job or program has it; name a free port of "
                + $"rank 0's machine in {Override}, the same on every rank.", error);
        }
    }

    private void Admit(TcpListener listener, Guests guests, CancellationToken closing)
    {
        while (true)
        {
            try
            {
                Socket guest = listener.AcceptSocketAsync(closing).AsTask().GetAwaiter().GetResult();
                // One that says nothing must not keep the others waiting.
                new Thread(() => Greet(guest, guests)) { IsBackground = true, Name = "MoCo rendezvous" }.Start();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                Thread.Sleep(20); // one has gone at the door, or there are too many
            }
        }
    }

    private void Greet(Socket guest, Guests guests)
    {
        string? refusal;
        try
        {
            guest.ReceiveTimeout = guest.SendTimeout = (int)Manners.TotalMilliseconds;
            byte[] asked = new byte[AskLength];
            if (!Receive(guest, asked) || !asked.AsSpan().StartsWith(Ask)) refusal = "";
            else
            {
                int size = BinaryPrimitives.ReadInt32LittleEndian(asked.AsSpan(8));
                int rank = BinaryPrimitives.ReadInt32LittleEndian(asked.AsSpan(12));
                refusal = size != Size ? $"its job has {size} ranks, and {Size} meet here"
                    : rank < 1 || rank >= Size ? $"it is rank {rank}, and ranks 1 to {Size - 1} are expected"
                    : !asked.AsSpan(16).SequenceEqual(JobCode) ? "it is of another job"
                    : guests.TryTake(rank, guest) ? null : $"rank {rank} has come already";
                if (refusal is not null) refusal = $"A rank was refused at {Place}: {refusal}. Two jobs may share the port.";
            }
            if (refusal is { Length: > 0 })
            {
                guests.Refused(refusal);
                Tell(guest, 1, Encoding.UTF8.GetBytes(refusal));
            }
        }
        catch (SocketException)
        {
            refusal = "";
        }
        if (refusal is not null) guest.Dispose();
    }

    private byte[] Visit(int length)
    {
        long start = Stopwatch.GetTimestamp();
        string error = "";
        int pause = 20;
        for (TimeSpan left = Patience; left > TimeSpan.Zero; left = Patience - Stopwatch.GetElapsedTime(start))
        {
            try
            {
                using CancellationTokenSource late = new(left);
                using TcpClient client = new();
                client.ConnectAsync(Host, Port, late.Token).AsTask().GetAwaiter().GetResult();
                if (Answer(client.Client, length, left) is { } bytes) return bytes;
                error = "what answers there is not rank 0 of this program, or went away";
            }
            catch (SocketException failed)
            {
                error = failed.Message;
            }
            catch (OperationCanceledException)
            {
                error = "nothing answers there";
            }
            Thread.Sleep(pause);
            pause = Math.Min(pause * 2, 1_000);
        }
        throw new ProcessGroupException(
            Invariant($"Rank {Rank} has not met rank 0 at {Place} within {Patience.TotalSeconds:N0} s, the time-out: {error}. Expected ")
            + "rank 0 to listen there: MASTER_ADDR names its machine, and no firewall may close the port.");
    }

    /// <summary>Asks, and waits for the answer; null where nobody answers as rank 0 does.</summary>
    private byte[]? Answer(Socket socket, int length, TimeSpan left)
    {
        byte[] asks = new byte[AskLength];
        Ask.CopyTo(asks, 0);
        BinaryPrimitives.WriteInt32LittleEndian(asks.AsSpan(8), Size);
        BinaryPrimitives.WriteInt32LittleEndian(asks.AsSpan(12), Rank);
        JobCode.CopyTo(asks, 16);
        socket.Send(asks);
        // Rank 0 tells who is missing, a little after this rank would have lost patience itself.
        socket.ReceiveTimeout = (int)Math.Min(int.MaxValue, (left + Manners).TotalMilliseconds);
        byte[] head = new byte[SayLength];
        // A connection to a free port of this machine may even be one to itself: then the answer is what was asked.
        if (!Receive(socket, head) || !head.AsSpan().StartsWith(Say)) return null;
        int kind = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(8));
        int told = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(12));
        if (kind == 0 ? told != length : told is < 0 or > MostText) return null;
        byte[] body = new byte[told];
        if (!Receive(socket, body)) return null;
        return kind == 0 ? body : throw new ProcessGroupException($"Rank {Rank}: {Encoding.UTF8.GetString(body)}");
    }

    private static void Tell(Socket socket, int kind, byte[] bytes)
    {
        byte[] head = new byte[SayLength];
        Say.CopyTo(head, 0);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), kind);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), bytes.Length);
        socket.Send([.. head, .. bytes]);
    }

    private static bool Receive(Socket socket, Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int count = socket.Receive(bytes);
            if (count == 0) return false;
            bytes = bytes[count..];
        }
        return true;
    }

    /// <summary>Those who have come.</summary>
    private sealed class Guests(Rendezvous meeting) : IDisposable
    {
        private readonly Socket?[] sockets = new Socket?[meeting.Size]; // by rank; rank 0 is at home
        private readonly List<string> refusals = [];
        private readonly Lock gate = new();
        private readonly ManualResetEventSlim complete = new();

        public bool Wait(TimeSpan patience) => complete.Wait(patience);

        public bool TryTake(int rank, Socket guest)
        {
            lock (gate)
            {
                if (sockets[rank] is not null) return false;
                sockets[rank] = guest;
                if (sockets.Skip(1).All(socket => socket is not null)) complete.Set();
                return true;
            }
        }

        public void Refused(string refusal)
        {
            lock (gate) refusals.Add(refusal);
        }

        public string Missing(TimeSpan patience)
        {
            lock (gate)
            {
                IEnumerable<int> missing = Enumerable.Range(1, sockets.Length - 1).Where(rank => sockets[rank] is null);
                string text = $"Ranks {string.Join(", ", missing)} of {sockets.Length} have not come to rank 0 at {meeting.Place} "
                    + Invariant($"within {patience.TotalSeconds:N0} s, the time-out.");
                return string.Join(' ', refusals.Distinct().Prepend(text));
            }
        }

        public void Answer(int kind, byte[] bytes)
        {
            lock (gate)
            {
                foreach (Socket guest in sockets.OfType<Socket>())
                {
                    try
                    {
                        Tell(guest, kind, bytes);
                    }
                    catch (SocketException)
                    {
                        // It has gone; the first call all ranks make together will tell.
                    }
                }
            }
        }

        public void Dispose()
        {
            lock (gate)
            {
                foreach (Socket? guest in sockets) guest?.Dispose();
            }
            complete.Dispose();
        }
    }
}
