using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using MoCo.Distributed;
using MoCo.Distributed.Nccl;

namespace MoCo.Tests.Distributed.Nccl;

/// <summary>Ranks that meet over TCP.</summary>
public sealed class RendezvousTests
{
    private static readonly byte[] Id = [.. Enumerable.Range(0, 128).Select(i => (byte)(i * 3))];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void All_ranks_get_what_rank_0_has(int ranks)
    {
        int port = FreePort();
        byte[][] got = RankThreads.Run(ranks, rank => Meeting(port, rank, ranks).Share(rank == 0 ? Id : new byte[128]));
        Assert.All(got, bytes => Assert.Equal(Id, bytes));
    }

    [Fact]
    public void Ranks_wait_for_rank_0()
    {
        int port = FreePort();
        byte[][] got = RankThreads.Run(3, rank =>
        {
            if (rank == 0) Thread.Sleep(700);
            return Meeting(port, rank, 3).Share(rank == 0 ? Id : new byte[128]);
        });
        Assert.All(got, bytes => Assert.Equal(Id, bytes));
    }

    [Fact]
    public void Strangers_do_not_keep_ranks_apart()
    {
        int port = FreePort();
        List<TcpClient> strangers = [];
        byte[][] got = RankThreads.Run(3, rank =>
        {
            if (rank == 2)
            {
                // One that is silent, one that leaves, one of another protocol, and some that ask half.
                strangers.Add(Stranger(port, []));
                Stranger(port, []).Dispose();
                strangers.Add(Stranger(port, Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")));
                for (int i = 0; i < 20; i++) strangers.Add(Stranger(port, "MoCo ask"u8.ToArray()));
            }
            return Meeting(port, rank, 3).Share(rank == 0 ? Id : new byte[128]);
        });
        Assert.All(got, bytes => Assert.Equal(Id, bytes));
        foreach (TcpClient stranger in strangers) stranger.Dispose();
    }

    [Fact]
    public void Ranks_that_do_not_come_are_named_on_all_that_did()
    {
        int port = FreePort();
        Exception?[] errors = RankThreads.Catch(2, i => Meeting(port, i == 0 ? 0 : 2, 5, seconds: 1).Share(Id));
        string expected = $"Ranks 1, 3, 4 of 5 have not come to rank 0 at 127.0.0.1:{port} (MASTER_PORT) within 1 s, the time-out.";
        Assert.Equal(expected, Assert.IsType<ProcessGroupException>(errors[0]).Message);
        Assert.Equal($"Rank 2: {expected}", Assert.IsType<ProcessGroupException>(errors[1]).Message);
    }

    [Fact]
    public void A_rank_0_that_does_not_come_is_missed_within_the_time_out()
    {
        int port = FreePort();
        Stopwatch time = Stopwatch.StartNew();
        string message = Assert.Throws<ProcessGroupException>(() => Meeting(port, 1, 2, seconds: 1).Share(Id)).Message;
        Assert.InRange(time.Elapsed.TotalSeconds, 0.9, 10);
        Assert.StartsWith($"Rank 1 has not met rank 0 at 127.0.0.1:{port} (MASTER_PORT) within 1 s, the time-out: Connection refused",
            message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_answers_but_is_not_rank_0_is_not_taken_for_it()
    {
        using TcpListener other = TcpListener.Create(0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        Thread answering = new(() =>
        {
            try
            {
                while (true)
                {
                    using TcpClient guest = other.AcceptTcpClient();
                    guest.GetStream().Write("220 mail.example ESMTP ready\r\n"u8);
                }
            }
            catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
            {
                // The test is over.
            }
        });
        answering.Start();
        string message = Assert.Throws<ProcessGroupException>(() => Meeting(port, 1, 2, seconds: 1).Share(Id)).Message;
        Assert.Contains("what answers there is not rank 0 of this program, or went away", message, StringComparison.Ordinal);
        other.Stop();
        answering.Join();
    }

    [Fact]
    public void A_port_in_use_is_named()
    {
        using TcpListener other = TcpListener.Create(0);
        other.Start();
        int port = ((IPEndPoint)other.LocalEndpoint).Port;
        string message = Assert.Throws<ProcessGroupException>(() => Meeting(port, 0, 2).Share(Id)).Message;
        Assert.Equal($"Rank 0 cannot listen at port {port} (MASTER_PORT): Address already in use. Another job or program has it; name a "
            + "free port of rank 0's machine in MOCO_MASTER_PORT, the same on every rank.", message);
    }

    public static TheoryData<int, int, string, string> Others => new()
    {
        { 1, 3, "job", "its job has 3 ranks, and 2 meet here" },
        { 5, 2, "job", "it is rank 5, and ranks 1 to 1 are expected" },
        { 1, 2, "another", "it is of another job" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void A_rank_of_another_job_is_refused_and_this_job_goes_on(int rank, int size, string job, string expected)
    {
        int port = FreePort();
        Exception?[] errors = RankThreads.Catch(3, i =>
        {
            if (i == 0) Assert.Equal(Id, Meeting(port, 0, 2).Share(Id));
            else if (i == 1) Meeting(port, rank, size, job: job).Share(new byte[128]);
            else
            {
                Thread.Sleep(700);
                Assert.Equal(Id, Meeting(port, 1, 2).Share(new byte[128]));
            }
        });
        Assert.Null(errors[0]);
        Assert.Null(errors[2]);
        Assert.Equal($"Rank {rank}: A rank was refused at 127.0.0.1:{port} (MASTER_PORT): {expected}. Two jobs may share the port.",
            Assert.IsType<ProcessGroupException>(errors[1]).Message);
    }

    [Fact]
    public void A_rank_that_comes_twice_is_refused_and_told_to_rank_0()
    {
        int port = FreePort();
        Exception?[] errors = RankThreads.Catch(3, i => Meeting(port, Math.Min(i, 1), 3, seconds: 2).Share(Id));
        string refused = $"A rank was refused at 127.0.0.1:{port} (MASTER_PORT): rank 1 has come already. Two jobs may share the port.";
        string missing = $"Ranks 2 of 3 have not come to rank 0 at 127.0.0.1:{port} (MASTER_PORT) within 2 s, the time-out. {refused}";
        string[] expected = [missing, $"Rank 1: {refused}", $"Rank 1: {missing}"];
        Assert.Equal(expected.Order(), errors.Select(error => error!.Message).Order());
    }

    [Theory]
    [InlineData("29500", null, null, 29500, "MASTER_PORT")]
    [InlineData("29500", "False", null, 29500, "MASTER_PORT")]
    [InlineData("29500", "True", null, 29501, "MASTER_PORT + 1")]
    [InlineData("29500", "True", "4000", 4000, "MOCO_MASTER_PORT")]
    [InlineData(null, "True", "4000", 4000, "MOCO_MASTER_PORT")]
    [InlineData("65534", "True", null, 65535, "MASTER_PORT + 1")]
    public void Ranks_meet_beside_torchruns_own_store(string? port, string? agent, string? own, int expected, string name)
    {
        Rendezvous found = Read(Launcher.Torchrun, ("MASTER_ADDR", "head"), ("MASTER_PORT", port), ("TORCHELASTIC_USE_AGENT_STORE", agent),
            ("MOCO_MASTER_PORT", own), ("TORCHELASTIC_RUN_ID", "run"));
        Assert.Equal(("head", expected, name, 1, 4, "run"), (found.Host, found.Port, found.PortName, found.Rank, found.Size, found.Job));
    }

    [Fact]
    public void A_step_of_SLURMs_is_a_job_of_its_own()
        => Assert.Equal("17.2", Read(Launcher.Slurm, ("MASTER_ADDR", "head"), ("MASTER_PORT", "29500"), ("SLURM_JOB_ID", "17"),
            ("SLURM_STEP_ID", "2")).Job);

    [Theory]
    [InlineData(null, "29500", null, "SLURM_STEP_NUM_TASKS says 4 processes, and MASTER_ADDR is not set; expected the name or *")]
    [InlineData("head", null, null, "SLURM_STEP_NUM_TASKS says 4 processes, and MASTER_PORT is not set; expected a free port of *")]
    [InlineData("head", "x", null, "MASTER_PORT is 'x'; expected a port, 1 to 65535.")]
    [InlineData("head", "0", null, "MASTER_PORT is '0'; expected a port, 1 to 65535.")]
    [InlineData("head", "65536", null, "MASTER_PORT is '65536'; expected a port, 1 to 65535.")]
    [InlineData("head", "65535", "True", "MASTER_PORT is '65535'; expected a port, 1 to 65534.")]
    public void Where_to_meet_must_be_said(string? host, string? port, string? agent, string expected)
    {
        ProcessGroupException error = Assert.Throws<ProcessGroupException>(() => Read(
            Launcher.Slurm, ("MASTER_ADDR", host), ("MASTER_PORT", port), ("TORCHELASTIC_USE_AGENT_STORE", agent)));
        Assert.StartsWith(expected.TrimEnd('*'), error.Message, StringComparison.Ordinal);
        if (host is null) Assert.Contains("MASTER_ADDR=$(scontrol show hostnames", error.Message, StringComparison.Ordinal);
    }

    private static Rendezvous Read(Launcher launcher, params (string Name, string? Value)[] variables)
        => Rendezvous.Read(new LaunchEnvironment(launcher, 1, 4, 1, 4), TimeSpan.FromSeconds(1),
            name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    private static Rendezvous Meeting(int port, int rank, int size, double seconds = 30, string job = "job")
        => new("127.0.0.1", port, "MASTER_PORT", rank, size, job, TimeSpan.FromSeconds(seconds));

    private static TcpClient Stranger(int port, byte[] words)
    {
        for (int i = 0; ; i++)
        {
            TcpClient client = new();
            try
            {
                client.Connect("127.0.0.1", port);
                client.GetStream().Write(words);
                return client;
            }
            catch (SocketException) when (i < 100)
            {
                client.Dispose();
                Thread.Sleep(20);
            }
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
