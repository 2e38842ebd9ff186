using System.ComponentModel.DataAnnotations;
using Samovar.Engine.Retention;
using Xunit;

namespace Samovar.Engine.Tests.Retention;

public sealed class RetentionPolicyTests
{
    private static readonly TurnEnding Call = new(StopKind.ToolCall), Answer = new(StopKind.EndTurn);

    public static TheoryData<string> Names => [.. RetentionNames.All];

    [Theory, MemberData(nameof(Names))]
    public void Policy_IsCreatedByTheNameThatTheOptionHas(string name)
    {
        var options = new EngineOptions { Retention = name };
        Assert.True(Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true));
        Assert.Equal(name, RetentionPolicies.Create(name).Name);
    }

    [Fact]
    public void Option_TakesTheBestPolicy_AndNoUnknownOne()
    {
        Assert.Equal(RetentionNames.Value, new EngineOptions().Retention);
        var options = new EngineOptions { Retention = "mru" };
        Assert.False(Validator.TryValidateObject(options, new ValidationContext(options), null, validateAllProperties: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => RetentionPolicies.Create("mru"));
    }

    [Fact]
    public void Lru_GivesUpTheLeastRecentlyUsed_WhateverItIs()
    {
        var policy = new RecencyPolicy();
        var dear = State(10) with { RecomputeSeconds = 1000 };
        Assert.True(Worth(policy, dear, 60) < Worth(policy, State(20, Answer) with { Users = 0 }, 60));
    }

    [Fact]
    public void Ttl_KeepsACallsStateLongerThanAnAnswers_AndSupersededStateShorterThanAny()
    {
        var policy = new TimedPolicy();
        Assert.True(Worth(policy, State(20, Answer), 60) < Worth(policy, State(10), 60));
        Assert.True(Worth(policy, State(50) with { Users = 0 }, 60) < Worth(policy, State(1, Answer), 60));
    }

    [Theory]
    [InlineData(RetentionNames.Timed)]
    [InlineData(RetentionNames.Value)]
    public void FinalState_IsFreedAtOnce(string name) => Assert.Equal(double.NegativeInfinity,
        Worth(RetentionPolicies.Create(name), State(10, new TurnEnding(StopKind.Final)) with { RecomputeSeconds = 1e9, Users = 5 }, 10));

    [Fact]
    public void Value_GivesUpSupersededStateFirst_TheOldestOfIt()
    {
        var policy = new ValuePolicy();
        var old = Worth(policy, State(0) with { Users = 0, RecomputeSeconds = 1e6 }, 100);
        var newer = Worth(policy, State(50) with { Users = 0 }, 100);
        var hopeless = Worth(policy, State(0, Answer) with { RecomputeSeconds = 1e-9 }, 1e7);
        Assert.True(old < newer && newer < hopeless, $"{old} {newer} {hopeless}");
        Assert.True(hopeless > double.NegativeInfinity); // there is no need while there is room
    }

    [Fact]
    public void Value_WeighsSecondsForEachByte_AndUsers()
    {
        var policy = new ValuePolicy();
        var one = Worth(policy, State(0), 5);
        Assert.Equal(3 * one, Worth(policy, State(0) with { RecomputeSeconds = 3 }, 5), 9);
        Assert.Equal(one / 4, Worth(policy, State(0) with { Bytes = 4000 }, 5), 9);
        Assert.Equal(6 * one, Worth(policy, State(0) with { Users = 6 }, 5), 9); // a start that six sub-agents share
    }

    [Fact]
    public void Value_KnowsFromPublishedSessions_ThatCallsReturnSoonerThanAnswers()
    {
        var policy = new ValuePolicy();
        Assert.True(Worth(policy, State(0, Answer), 1) < Worth(policy, State(0), 1));
        Assert.True(Worth(policy, State(0, new TurnEnding(StopKind.EndTurn, IsSubAgent: true)), 1) < Worth(policy, State(0, Answer), 1));
        Assert.True(Worth(policy, State(0), 3600) < Worth(policy, State(3599, Answer), 3600)); // a call that has not come for an hour
    }

    [Fact]
    public void Value_LearnsATool_ThatTakesLongerThanOthers()
    {
        var policy = new ValuePolicy();
        var (slow, fast) = (new TurnEnding(StopKind.ToolCall, "build"), new TurnEnding(StopKind.ToolCall, "read"));
        var now = TimeSpan.Zero;
        for (var turn = 0; turn < 400; turn++)
        {
            foreach (var (ending, seconds) in new[] { (slow, 600), (fast, 2) })
            {
                policy.Ended(ending, now);
                policy.Returned(ending, now, now += TimeSpan.FromSeconds(seconds));
            }
        }
        var at = now.TotalSeconds;
        Assert.True(Worth(policy, State(at, slow), at) * 20 < Worth(policy, State(at, fast), at));
        Assert.True(Worth(policy, State(at - 500, slow), at) > Worth(policy, State(at - 30, slow), at)); // the nearer, the more
    }

    [Fact]
    public void Value_LearnsThatNobodyComesBack_FromThoseWhoNeverDid()
    {
        var (policy, gone) = (new ValuePolicy(), new TurnEnding(StopKind.Cancelled));
        var before = Worth(policy, State(0, gone), 30);
        for (var turn = 0; turn < 2000; turn++) policy.Ended(gone, TimeSpan.FromSeconds(turn));
        var at = 2000.0;
        Assert.True(Worth(policy, State(at, gone), at + 30) * 5 < before);
    }

    [Fact]
    public void Value_KeepsWhatItHasLearnedInBoundedMemory_HoweverManyToolsThereAre()
    {
        var policy = new ValuePolicy();
        Learn(0, 10_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Learn(10_000, 20_000);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 10_000_000); // texts and delegates, no history for any of them
        Assert.Equal(Worth(policy, State(0, new TurnEnding(StopKind.ToolCall, "unseen")), 5), Worth(policy, State(0), 5));

        void Learn(int from, int to)
        {
            for (var tool = from; tool < to; tool++)
            {
                var ending = new TurnEnding(StopKind.ToolCall, "tool" + tool);
                policy.Ended(ending, TimeSpan.FromSeconds(tool));
                policy.Returned(ending, TimeSpan.FromSeconds(tool), TimeSpan.FromSeconds(tool + 5));
            }
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Policy_SaysTheSame_OfTheSameObservations(string name)
    {
        Assert.Equal(Run(), Run());

        List<double> Run()
        {
            var (policy, random, worths) = (RetentionPolicies.Create(name), new Random(7), new List<double>());
            for (var turn = 0; turn < 3000; turn++)
            {
                var at = TimeSpan.FromSeconds(turn * 3.7);
                var tool = random.Next(3) == 0 ? "t" + random.Next(9) : null;
                var ending = new TurnEnding((StopKind)random.Next(5), tool, random.Next(5) == 0);
                policy.Ended(ending, at);
                if (random.Next(4) > 0) policy.Returned(ending, at, at + TimeSpan.FromSeconds(Math.Pow(2, random.NextDouble() * 14)));
                worths.Add(policy.Worth(State(turn, ending) with { Users = random.Next(3) }, at + TimeSpan.FromSeconds(random.Next(9999))));
            }
            return worths;
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Worth_StaysWhatItIs_UntilTheTimeThatThePolicySays(string name)
    {
        var (policy, random) = (RetentionPolicies.Create(name), new Random(3));
        for (var trial = 0; trial < 5000; trial++)
        {
            var state = State(random.NextDouble() * 1e5, new TurnEnding((StopKind)random.Next(3))) with { Users = 1 };
            var now = state.LastUsed + TimeSpan.FromSeconds(Math.Pow(2, random.NextDouble() * 20 - 2));
            var until = policy.WorthUntil(state, now);
            Assert.True(until > now);
            if (until == TimeSpan.MaxValue) until = now + TimeSpan.FromDays(9);
            Assert.Equal(policy.Worth(state, now), policy.Worth(state, until - TimeSpan.FromTicks(2)));
        }
    }

    private static double Worth(IRetentionPolicy policy, HeldState state, double now) => policy.Worth(state, TimeSpan.FromSeconds(now));

    private static HeldState State(double lastUsed) => State(lastUsed, Call);

    private static HeldState State(double lastUsed, TurnEnding ending) => new()
    {
        Bytes = 1000, RecomputeSeconds = 1, LastUsed = TimeSpan.FromSeconds(lastUsed), Ending = ending, Users = 1,
    };
}
