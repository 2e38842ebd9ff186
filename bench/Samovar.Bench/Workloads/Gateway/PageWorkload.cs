using Samovar.Bench.Clients;
using Samovar.Bench.Reports;
using Samovar.Bench.Servers;

namespace Samovar.Bench.Workloads.Gateway;

/// <summary>
/// What the page costs its server: processor time beside live sessions that take turns, with nobody watching and with several who do, and
/// how many bytes one of them hears.
/// </summary>
/// <param name="Watchers">How many watch in each measurement.</param>
/// <param name="TurnsPerSecond">Of all sessions.</param>
/// <param name="Rounds">Measurements of each kind, one after the other; their medians count.</param>
internal sealed record PageWorkload(int Sessions, int[] Watchers, int TurnsPerSecond, TimeSpan Duration, int Rounds)
{
    private const int OpenedAtOnce = 16;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    public async Task RunAsync()
    {
        Descriptors.Require(2 * Sessions);
        Console.WriteLine($"{Sessions:N0} sockets that are open, each with a chain; {TurnsPerSecond} turns a second on them. "
            + $"{Rounds} rounds of {Duration.TotalSeconds:N0} s each, interleaved: medians, and the spread from the least to the most.");
        await using var upstream = await PlainUpstream.StartAsync();
        await using var samovar = await GatewayServer.StartAsync("responses-ws", [upstream.BaseUrl], logsRequests: false,
            ("Upstream:IdleSocketsMax", $"{Sessions}"), ("Sessions:CountMax", $"{Sessions + 1}"));
        var talks = await OpenAsync(samovar.BaseUrl);
        var samples = Watchers.ToDictionary(watchers => watchers, _ => new List<PageSample>());
        for (var round = 0; round < Rounds; round++)
            foreach (var watchers in Watchers) samples[watchers].Add(await MeasureAsync(samovar, talks, watchers));
        var table = new Table("watch", "processor ms / s", "spread", "turns / s", "KB / s to one", "state KB");
        foreach (var (watchers, of) in samples)
        {
            var processor = of.Select(sample => sample.ProcessorMs).ToList();
            table.Row($"{watchers}", Figures.Show(Figures.Median(processor), 1),
                $"{Figures.Show(processor.Min(), 1)}–{Figures.Show(processor.Max(), 1)}",
                Figures.Show(Figures.Median([.. of.Select(sample => sample.Turns)]), 1),
                watchers == 0 ? "–" : Figures.Show(Figures.Median([.. of.Select(sample => sample.BytesHeard / 1024)]), 1),
                watchers == 0 ? "–" : Figures.Show(Figures.Median([.. of.Select(sample => sample.StateBytes / 1024)]), 1));
        }
        foreach (var talk in talks) await talk.Client.DisposeAsync();
    }

    private async Task<List<Talk>> OpenAsync(Uri server)
    {
        var (talks, gate) = (new List<Talk>(), new Lock());
        await Parallel.ForAsync(0, Sessions, new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce }, async (index, _) =>
        {
            var client = await TurnClient.OpenAsync(Wire.WebSocket, server);
            var talk = new Talk(client, new Dialogue(client, stores: false));
            await talk.Dialogue.TurnAsync(TurnAsk.User(Speech.OfLength(400, index)));
            lock (gate) talks.Add(talk);
        });
        return talks;
    }

    private async Task<PageSample> MeasureAsync(GatewayServer samovar, List<Talk> talks, int watchers)
    {
        using var over = new CancellationTokenSource();
        var pages = Enumerable.Range(0, watchers).Select(_ => new WatchedPage(samovar.Port)).ToList();
        var reading = pages.Select(page => page.ReadAsync(over.Token)).ToArray();
        foreach (var page in pages) await page.HasState;
        await Task.Delay(Settling, CancellationToken.None);
        var (before, heard, began) = (samovar.ProcessorTime(), pages.Sum(page => page.Bytes), TimeProvider.System.GetTimestamp());
        var turns = await TakeTurnsAsync(talks);
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var used = samovar.ProcessorTime() - before;
        var bytes = watchers == 0 ? 0 : (pages.Sum(page => page.Bytes) - heard) / (double)watchers / seconds;
        await over.CancelAsync();
        await Task.WhenAll(reading);
        return new PageSample(
            used.TotalMilliseconds / seconds, turns / seconds, bytes, watchers == 0 ? 0 : pages.Average(page => page.StateBytes));
    }

    private async Task<int> TakeTurnsAsync(List<Talk> talks)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TurnsPerSecond));
        var (began, running, turns) = (TimeProvider.System.GetTimestamp(), new Queue<Task>(), 0);
        while (TimeProvider.System.GetElapsedTime(began) < Duration && await pace.WaitForNextTickAsync())
        {
            if (running.Count >= talks.Count / 2) await running.Dequeue(); // no session's turn before its last is over
            running.Enqueue(talks[turns % talks.Count].Dialogue.TurnAsync(TurnAsk.User(Speech.OfLength(200, turns))));
            turns++;
        }
        await Task.WhenAll(running);
        return turns;
    }

    private sealed record Talk(TurnClient Client, Dialogue Dialogue);
    private sealed record PageSample(double ProcessorMs, double Turns, double BytesHeard, double StateBytes);

    /// <summary>A page that is open, and reads as fast as it can.</summary>
    private sealed class WatchedPage(int port)
    {
        private readonly TaskCompletionSource _state = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _bytes;

        public long Bytes => Interlocked.Read(ref _bytes);
        public long StateBytes { get; private set; }
        public Task HasState => _state.Task;

        public async Task ReadAsync(CancellationToken over)
        {
            try
            {
                using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
                await using var body = await http.GetStreamAsync(new Uri($"http://127.0.0.1:{port}/page/events"), over);
                using var lines = new StreamReader(body);
                while (await lines.ReadLineAsync(over) is { } line)
                {
                    Interlocked.Add(ref _bytes, line.Length + 1); // all of it is ASCII here
                    if (_state.Task.IsCompleted || !line.StartsWith("data: ", StringComparison.Ordinal)) continue;
                    StateBytes = line.Length;
                    _state.TrySetResult();
                }
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                // the measurement is over
            }
            catch (Exception exception)
            {
                _state.TrySetException(exception);
                throw;
            }
        }
    }
}
