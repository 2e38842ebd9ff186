using Samovar.Stores;

namespace Samovar.Testing.Quotas;

/// <summary>What the database does with quotas, on a clock of the test's own, and where a test wants it not at all.</summary>
internal sealed class MemoryQuotaRows(TimeProvider time) : IQuotaRows
{
    private readonly Lock _gate = new();
    private readonly Dictionary<QuotaOwner, Row> _rows = [];

    public bool IsShared => true;

    /// <summary>Whether it cannot be reached.</summary>
    public bool IsAway { get; set; }

    /// <summary>What each question waits for.</summary>
    public Task Answers { get; set; } = Task.CompletedTask;

    /// <summary>Lives that are over.</summary>
    public HashSet<Incarnation> Dead { get; } = [];

    /// <summary>What was asked.</summary>
    public List<QuotaAsk> Asked { get; } = [];

    public async ValueTask<QuotaGrant> ExchangeAsync(Incarnation life, QuotaAsk ask, CancellationToken caller)
    {
        lock (_gate) Asked.Add(ask);
        await Answers.WaitAsync(caller);
        if (IsAway) throw new StoreAwayException("It is away.");
        lock (_gate)
        {
            if (!_rows.TryGetValue(ask.Owner, out var row)) _rows[ask.Owner] = row = new Row { At = time.GetTimestamp() };
            var minutes = time.GetElapsedTime(row.At).TotalMinutes;
            row.At = time.GetTimestamp();
            (row.Requests, var requests) = Rate(row.Requests, ask.Requests, minutes);
            (row.Tokens, var tokens) = Rate(row.Tokens, ask.Tokens, minutes);
            foreach (var dead in Dead.Append(life)) row.Forget(dead);
            var turns = Math.Max(ask.Turns.InUse, Math.Min(ask.Turns.Wanted, ask.Turns.Limit - row.Lent.Values.Sum()));
            var isPressed = row.PressedAt.Values.Any(at => time.GetElapsedTime(at) < TimeSpan.FromSeconds(3));
            row.Lent[life] = turns;
            if (turns < ask.Turns.Presses) row.PressedAt[life] = time.GetTimestamp();
            return new QuotaGrant(requests, tokens, turns, row.Requests, row.Tokens, isPressed);
        }
    }

    private static (double Used, long Granted) Rate(double used, RateAsk ask, double minutes)
    {
        used = Math.Max(0, Math.Max(0, used - ask.Limit * minutes) + ask.Used);
        var granted = (long)Math.Min(ask.Wanted, Math.Max(0, Math.Floor(ask.Limit - used)));
        return (used + granted, granted);
    }

    private sealed class Row
    {
        public double Requests { get; set; }
        public double Tokens { get; set; }
        public long At { get; set; }
        public Dictionary<Incarnation, int> Lent { get; } = [];
        public Dictionary<Incarnation, long> PressedAt { get; } = [];

        public void Forget(Incarnation life)
        {
            Lent.Remove(life);
            PressedAt.Remove(life);
        }
    }
}
