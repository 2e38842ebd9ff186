using FsCheck;
using FsCheck.Fluent;
using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Tests.Choice;

/// <summary>
/// Whatever happens in whatever order: never more turns than a limit allows, nobody waits where there is a place, everybody's wait ends.
/// </summary>
public sealed class WaitQueuePropertyTests
{
    private const int Tenants = 3;

    [Fact]
    public void Queue_KeepsItsPromises_WhateverHappens()
    {
        var script = Gen.Choose(0, 999).ListOf().Resize(80);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(150), Prop.ForAll(Arb.From(script), steps => Run(steps)));
    }

    private static bool Run(IEnumerable<int> steps)
    {
        using var room = new WaitingRoom(1, 2);
        var run = new Script(room);
        foreach (var step in steps)
        {
            run.Step(step);
            run.Check();
        }
        run.End();
        return true;
    }

    private sealed class Script(WaitingRoom room)
    {
        private readonly List<(Task<DestinationRoute> Route, CancellationTokenSource Cancel, DateTimeOffset Since)> _waiting = [];
        private readonly List<DestinationRoute.To> _placed = [];

        public void Step(int step)
        {
            var (kind, which) = (step % 8, step / 8);
            switch (kind)
            {
                case 0 or 1 or 2:
                    var cancel = new CancellationTokenSource();
                    var owner = (which / Tenants % 3) switch { 0 => "a", 1 => "b", _ => null };
                    _waiting.Add((room.EnterAsync($"t{which % Tenants}", owner, cancelled: cancel.Token), cancel, room.Time.GetUtcNow()));
                    break;
                case 3 or 4 when _placed.Count > 0:
                    var ended = _placed[which % _placed.Count];
                    _placed.Remove(ended);
                    ended.Place.Dispose();
                    break;
                case 5 when _waiting.Count > 0: _waiting[which % _waiting.Count].Cancel.Cancel(); break;
                case 6: room.Time.Advance(TimeSpan.FromMilliseconds(which * 60)); break;
                case 7:
                    var state = room.State(which % 2 == 0 ? "a" : "b");
                    if (which % 4 < 2) state.Cool(TimeSpan.FromMilliseconds(which * 100));
                    else state.SetHealth(which % 8 < 4);
                    break;
            }
        }

        public void Check()
        {
            Settle();
            Assert.True(room.State("a").InFlight <= 1 && room.State("b").InFlight <= 2, "more turns than the limit");
            Assert.Equal(_placed.Count, room.State("a").InFlight + room.State("b").InFlight); // no place is lost, none is given twice
            foreach (var (_, _, since) in _waiting)
            {
                var waited = room.Time.GetUtcNow() - since;
                Assert.True(waited < room.Pool.QueueWaitMax, $"one waits for {waited}");
                Assert.True(waited < room.Pool.OwnerWaitMax || !IsPlaceFree, $"one waits for {waited} where there is a place");
            }
        }

        public void End()
        {
            room.Time.Advance(room.Pool.QueueWaitMax);
            Settle();
            Assert.Empty(_waiting);
            foreach (var placed in _placed) placed.Place.Dispose();
            Assert.Equal(0, room.State("a").InFlight + room.State("b").InFlight + room.Queue.Count);
        }

        private bool IsPlaceFree => room.Pool.Destinations.Any(destination => destination.State.Refusal is null);

        /// <summary>Whoever has an answer has heard it.</summary>
        private void Settle()
        {
            Assert.True(SpinWait.SpinUntil(() => _waiting.Count(each => !each.Route.IsCompleted) == room.Queue.Count, 10_000), "lost");
            foreach (var (route, cancel, _) in _waiting.Where(each => each.Route.IsCompleted))
            {
                if (route.IsCompletedSuccessfully && route.Result is DestinationRoute.To placed) _placed.Add(placed);
                cancel.Dispose();
            }
            _waiting.RemoveAll(each => each.Route.IsCompleted);
        }
    }
}
