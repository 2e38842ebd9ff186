using System.Globalization;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Requests;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Sessions;

/// <summary>
/// Random conversations over random lanes, compared with a model of a few lines that says what a connection must remember.
/// </summary>
public sealed class SessionModelTests
{
    private const int Steps = 300;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task RandomConversations_ContinueExactlyWhatTheyMay(int seed)
    {
        using var house = new CoreHouse();
        await using var session = house.Sessions.Open(TenantId.Local);
        var run = new Run(house, session, new Random(seed));
        for (var step = 0; step < Steps; step++) await run.StepAsync(
            string.Create(CultureInfo.InvariantCulture, $"seed {seed} step {step}"));
        Assert.True(run.Completed > 50 && run.Lost > 10, $"completed {run.Completed}, lost {run.Lost}");
        await session.DisposeAsync();
        house.Histories.Dispose(); // it holds chains beyond their connection
        Assert.All(house.Backend.States, made => Assert.Equal(run.IsStored(made.Key) ? 0 : 1, made.Value.Releases));
    }

    private sealed class Run
    {
        private readonly CoreHouse _house;
        private readonly Session _session;
        private readonly Random _random;
        private readonly List<(string Id, int Length)> _all = [];
        private readonly Dictionary<int, string> _newest = [];
        private readonly HashSet<string> _stored = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _lengths = new(StringComparer.Ordinal);
        private bool _fails;

        public Run(CoreHouse house, Session session, Random random)
        {
            (_house, _session, _random) = (house, session, random);
            house.Backend.OnPhase = (turn, phase, _) =>
            {
                if (phase == ScriptPhase.Accepted) _lengths[turn.Id.Value] = turn.Context.AllItems().Count();
                if (phase == ScriptPhase.Finishing && _fails) throw new ApiException(Errors.Internal);
                return default;
            };
        }

        public int Completed { get; private set; }
        public int Lost { get; private set; }

        public bool IsStored(ResponseId id) => _stored.Contains(id.Value);

        public async Task StepAsync(string where)
        {
            var lane = _random.Next(4);
            var previous = Previous(lane);
            if (_random.Next(20) == 0)
            {
                _session.NoteRejectedFrame(Lane(lane), previous is { } named ? new ResponseId(named.Id) : null);
                Evict(lane, previous?.Id);
                return;
            }
            _fails = _random.Next(8) == 0;
            var request = Ask.Text("hi").After(previous?.Id) with { Lane = Lane(lane) };
            var says = _random.Next(6) > 0;
            request = says ? request.SayingStore(_random.Next(5) == 0) : request.NotSayingStore();
            var refusal = RefusalOf(previous?.Id, says && request.Store);
            SeenEvents seen;
            try
            {
                seen = await CoreHouse.SendAsync(_session, request, Soon.Token);
            }
            catch (ApiException error)
            {
                Assert.Equal(refusal, error.Kind);
                Lost++;
                Evict(lane, previous?.Id);
                return;
            }
            Assert.True(refusal is null, $"{where}: {previous?.Id} should be forgotten");
            Assert.Equal(_fails ? "failed" : "completed", seen.Status);
            if (_fails) Evict(lane, previous?.Id);
            else Keep(lane, seen, request, (previous?.Length ?? 0) + 1, where);
        }

        private ErrorKind? RefusalOf(string? previous, bool isStored)
        {
            if (previous is null || _stored.Contains(previous)) return null;
            if (!_newest.ContainsValue(previous)) return Errors.PreviousResponseNotFound;
            return isStored ? Errors.PreviousResponseNotStored : null; // what was not to be stored is not, because a child is
        }

        private static LaneId Lane(int lane) =>
            lane == 0 ? LaneId.Default : new LaneId(string.Create(CultureInfo.InvariantCulture, $"lane{lane}"));

        private (string Id, int Length)? Previous(int lane) => _random.Next(10) switch
        {
            < 5 when _newest.TryGetValue(lane, out var own) => _all.Find(known => known.Id == own),
            < 8 when _all.Count > 0 => _all[_random.Next(Math.Max(0, _all.Count - 8), _all.Count)],
            _ => null,
        };

        private void Keep(int lane, SeenEvents seen, CreateRequest request, int length, string where)
        {
            Completed++;
            Assert.True(length == _lengths[seen.Id], $"{where}: saw {_lengths[seen.Id]} items, not {length}");
            _newest[lane] = seen.Id;
            var isStored = seen.Last.GetProperty("store").GetBoolean();
            var inherits = !request.SaysStore && request.PreviousResponseId is { } parent && !_stored.Contains(parent.Value);
            Assert.True(isStored == (request.Store && !inherits), $"{where}: stored is {isStored}");
            if (isStored) _stored.Add(seen.Id);
            _all.Add((seen.Id, length + 1)); // and its own answer
        }

        private void Evict(int lane, string? previous)
        {
            if (previous is not null && _newest.GetValueOrDefault(lane) == previous) _newest.Remove(lane);
        }
    }
}
