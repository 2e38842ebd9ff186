using System.Globalization;
using Samovar.Backends.Embedded.Rendering;
using Samovar.Backends.Models;
using Samovar.Chains;
using Samovar.Engine;
using Samovar.Gateway.Wire;

namespace Samovar.Server.Page;

/// <summary>Says where the KV of lanes is. Engines are asked now and then, between two of their rounds; several are shown as
/// one.</summary>
internal sealed class KvPlaces(PageOptions options, TimeProvider time, LocalModels? models = null)
{
    private const string Tokens = "tokens", None = "none", Upstream = "upstream", Stream = "stream", Memory = "memory", Disk = "disk";
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2); // one round of a large prompt
    private readonly Dictionary<SequencePin, KvPlace> _known = new(ReferenceEqualityComparer.Instance);
    private long? _askedAt;
    private EngineMap? _map;
    private string[] _lanes = [];

    /// <summary>Shows prefixes that are kept warm; null where none can be.</summary>
    public WarmPrefixRows? Warm { get; init; }

    /// <summary>Starts that lanes share, as far as the engine said last.</summary>
    public Dictionary<string, PagePrefix> Shared { get; private set; } = [];

    /// <summary>Tokens of all that is held; null where no engine says so.</summary>
    public AmountsOf? Held { get; private set; }

    /// <summary>Asks the engine, where it is time to.</summary>
    /// <param name="lanes">The lanes and their newest responses, newest first.</param>
    public async Task UpdateAsync(IReadOnlyList<(string Lane, ChainNode Newest)> lanes, CancellationToken closing)
    {
        if (models is null || _askedAt is { } asked && time.GetElapsedTime(asked) < options.MapInterval) return;
        _askedAt = time.GetTimestamp();
        var pinned = lanes.Select(lane => (lane.Lane, (lane.Newest.State as EmbeddedState)?.Pin)).Where(lane => lane.Pin is not null)
            .ToList();
        using var late = new CancellationTokenSource(AnswerMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, closing);
        try
        {
            _map = await MapAsync([.. pinned.Select(lane => lane.Pin!)], either.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return; // it is busy with something long: what it said before holds
        }
        _lanes = [.. pinned.Select(lane => lane.Lane)];
        Note([.. pinned.Select(lane => lane.Pin!)]);
        if (Warm is not null)
            foreach (var row in await Warm.ReadAsync(_map?.Shared ?? [], _lanes, closing)) Shared[row.Id] = row;
    }

    /// <summary>Each engine knows its own pins; streams are counted through.</summary>
    private async Task<EngineMap?> MapAsync(IReadOnlyList<SequencePin> pins, CancellationToken closing)
    {
        EngineMap? sum = null;
        var streams = 0;
        foreach (var engine in models!.Loaded.Select(static model => model.Engine!))
        {
            var map = await engine.MapAsync(pins, options.PrefixesMax, options.PrefixTokensMin, closing);
            sum = map?.After(sum, streams) ?? sum;
            streams += engine.Model.Streams;
        }
        return sum;
    }

    /// <param name="before">What the lane showed before: holds until the engine has been asked about what is new.</param>
    public KvPlace Of(ChainNode? newest, KvPlace? before) => newest?.State switch
    {
        null => new KvPlace(None, null),
        UpstreamState { IsHeld: false, KeepsNothing: false } => new KvPlace(None, null),
        UpstreamState upstream => new KvPlace(Upstream, upstream.Destination),
        EmbeddedState { Pin: { } pin } => _known.GetValueOrDefault(pin)
            ?? (before is { Kv: not None } ? before : new KvPlace(Tokens, null)),
        _ => new KvPlace(Tokens, null),
    };

    private void Note(List<SequencePin> pins)
    {
        _known.Clear();
        (Shared, Held) = ([], null);
        if (_map is not { } map) return;
        for (var index = 0; index < pins.Count; index++) _known[pins[index]] = Of(map.Places[index]);
        foreach (var start in map.Shared.Where(static start => start.Kept is null))
            Shared[start.Id] = new PagePrefix(
                start.Id, start.Tokens, start.Hits, new ListOf<string>([.. start.Users.Select(user => _lanes[user])]), Of(start.Place).Kv);
        Held = new AmountsOf((Stream, map.StreamTokens), (Memory, map.MemoryTokens), (Disk, map.DiskTokens));
    }

    private static KvPlace Of(StatePlace place) =>
        place.Stream >= 0 ? new KvPlace(Stream, place.Stream.ToString(CultureInfo.InvariantCulture))
            : new KvPlace(place.IsParked ? Memory : place.IsOnDisk ? Disk : Tokens, null);
}

internal sealed record KvPlace(string Kv, string? At);
