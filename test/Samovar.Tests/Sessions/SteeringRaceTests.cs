using System.Collections.Concurrent;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Sessions;
using Samovar.Testing;
using Samovar.Testing.Core;
using Samovar.Testing.Scripts;

namespace Samovar.Tests.Sessions;

/// <summary>Words, cancels, injects and closes at any moment: whatever was accepted has one fate, and nothing stays counted.</summary>
public sealed class SteeringRaceTests
{
    private const int Rounds = 60;
    private const int TurnsPerLane = 4;
    private static readonly string[] Lanes = ["a", "b", "c"];

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public async Task WhateverWasAccepted_HasOneFate(int seed)
    {
        var random = new Random(seed);
        var accepted = 0;
        for (var round = 0; round < Rounds; round++) accepted += await RoundAsync(new Random(random.Next()));
        Assert.True(accepted > Rounds, $"{accepted} were accepted");
    }

    private static async Task<int> RoundAsync(Random random)
    {
        using var house = new CoreHouse();
        house.Backend.OnPhase = async (_, _, _) => await Task.Yield(); // others come between
        var session = house.Sessions.Open(TenantId.Local);
        var (accepted, fates) = (new ConcurrentDictionary<string, byte>(), new ConcurrentBag<string>());
        var isClosing = random.Next(3) == 0;
        var lanes = Lanes.Select(lane => LaneAsync(new Talk(session, accepted, fates), lane, random.Next())).ToList();
        if (isClosing)
        {
            for (var i = random.Next(200); i > 0; i--) await Task.Yield();
            await session.DisposeAsync();
        }
        await Soon.In(Task.WhenAll(lanes));
        await session.DisposeAsync();
        Assert.Equal(fates.Count, fates.Distinct().Count()); // none twice
        Assert.Empty(fates.Except(accepted.Keys));
        if (!isClosing) Assert.Empty(accepted.Keys.Except(fates));
        Assert.Equal(0, house.Memory.Frames.Share.Bytes);
        Assert.Equal(0, session.InFlight);
        return accepted.Count;
    }

    private static async Task LaneAsync(Talk talk, string lane, int seed)
    {
        var random = new Random(seed);
        string? previous = null;
        for (var turn = 0; turn < TurnsPerLane; turn++)
        {
            var text = random.Next(3) == 0 ? "[[think=text]][[final=long enough to be steered]]" : "[[steps=1]][[final=so]]";
            var request = Ask.Text(text).With(Ask.Shell).On(lane).SayingStore(random.Next(2) == 0);
            LaneReply reply;
            try { reply = talk.Session.Submit(new ClientFrame.Create(request))!; }
            catch (ApiException) { return; } // the connection is gone
            var reading = talk.FollowAsync(reply, waits => previous = waits);
            await talk.DisturbAsync(reply, lane, random);
            await Soon.In(reading);
            if (previous is { } call) await talk.AnswerAsync(lane, call);
            previous = null;
        }
    }

    private sealed record Talk(Session Session, ConcurrentDictionary<string, byte> Accepted, ConcurrentBag<string> Fates)
    {
        private ResponseId _waiting;

        /// <summary>Says things to whatever runs, and cancels now and then.</summary>
        public async Task DisturbAsync(LaneReply reply, string lane, Random random)
        {
            ResponseId response;
            try { response = (await Soon.In(reply.Began)).Response; }
            catch (ApiException) { return; }
            for (var i = random.Next(6); i > 0; i--)
            {
                for (var pause = random.Next(8); pause > 0; pause--) await Task.Yield();
                if (random.Next(8) == 0) TryCancel(lane);
                else Steer(response, $"{lane}-{Guid.NewGuid():N} [[final=ok]]");
            }
        }

        /// <summary>Brings what a response waits for, and with it what was said.</summary>
        public async Task AnswerAsync(string lane, string callId)
        {
            var request = Ask.For(Ask.Output(callId)).After(_waiting.Value).On(lane);
            try { await FollowAsync(Session.Submit(new ClientFrame.Create(request))!, _ => { }); }
            catch (ApiException) { /* the connection is gone, or the response is */ }
        }

        /// <summary>Reads all that a reply leads to, and notes what became of what was said.</summary>
        public async Task FollowAsync(LaneReply reply, Action<string> waits)
        {
            for (LaneReply? turn = reply; turn is not null;)
            {
                try
                {
                    await SeenEvents.ReadAsync(await turn.Began, Soon.Token);
                    Note(turn.Committing);
                }
                catch (ApiException)
                {
                    Note(turn.Committing); // sent back
                }
                if (!turn.IsSteered) return;
                var outcome = await Soon.In(turn.Outcome);
                if (outcome is SteerOutcome.Failed failed) Note(failed.Steers);
                if (outcome is SteerOutcome.Waiting waiting)
                {
                    _waiting = waiting.Steers[0].Response;
                    Note(waiting.Steers); // told of; taken or gone with the connection
                    waits(((IToolCall)waiting.Calls[0]).CallId!);
                }
                turn = outcome is SteerOutcome.Followed next ? turn.FollowedBy(next) : null;
            }
        }

        private void Steer(ResponseId response, string text)
        {
            var frame = new ClientFrame.Steer(response, RawJson.Of($"\"{text}\""), [Ask.User(text)], Fault: null);
            if (SteeredTalk.Say(Session, frame, text.Length) is null) Accepted[text] = 0;
        }

        private void TryCancel(string lane)
        {
            try { Session.Submit(new ClientFrame.Cancel(new LaneId(lane), null)); }
            catch (ApiException) { /* nothing runs */ }
        }

        private void Note(IReadOnlyList<Steer> steers)
        {
            foreach (var steer in steers) Fates.Add(TextOf(steer.Input[0]));
        }

        private static string TextOf(Item item) =>
            string.Concat(((MessageItem)item).Content.OfType<ContentPart.Text>().Select(part => part.Value));
    }
}
