namespace Samovar.Engine.Tests.Turns;

/// <summary>What the engine answers at its limits, and that a turn's trouble stays its own.</summary>
public sealed class TurnLimitTests
{
    private readonly Random _random = new(23);

    [Fact]
    public async Task TooLongPrompt_IsAnAnswer()
    {
        await using var engine = EngineLab.Start(options => options.ContextTokens = 256);
        Assert.Equal(new EngineAdmission.TooLong(256, 256), engine.Begin(EngineLab.Spec(EngineLab.Prompt(_random, 256), 5)));
        var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 255), 1));
        Assert.Equal(EngineTurnEndKind.OutputLimit, end.Kind);
    }

    [Fact]
    public async Task Output_EndsAsContextFull_WhenTheCellsAreUsedUp()
    {
        await using var engine = EngineLab.Start(options => options.ContextTokens = 256);
        var (end, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 250), 100));
        Assert.Equal(EngineTurnEndKind.ContextFull, end.Kind);
        Assert.Equal(7, steps.Count); // six more cells, and one token that needs none
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task FullQueue_RefusesWithATimeToRetry()
    {
        await using var engine = EngineLab.Start(options => (options.QueueMax, options.Streams, options.StepsBufferedMax) = (2, 1, 1));
        var turns = Enumerable.Range(0, 3).Select(_ => EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 10))).ToList();
        var busy = Assert.IsType<EngineAdmission.Busy>(engine.Begin(EngineLab.Spec(EngineLab.Prompt(_random, 20), 10)));
        Assert.InRange(busy.RetryAfter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        Assert.Equal(1, engine.Counters.Refusals);
        var ends = await Task.WhenAll(turns.Select(EngineLab.ReadAsync));
        Assert.All(ends, end => Assert.Equal(EngineTurnEndKind.OutputLimit, end.End.Kind));
        await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 2)); // and there is room again
    }

    [Fact]
    public async Task UnknownTokens_FailTheTurnAlone()
    {
        await using var engine = EngineLab.Start();
        foreach (var token in (int[])[-1, 512, int.MaxValue])
        {
            var bad = TokenPath.Empty.Append(EngineLab.Tokens(_random, 50)).Append(new[] { token }).Append(EngineLab.Tokens(_random, 5));
            var good = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 50), 20));
            var (end, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(bad, 5));
            Assert.Equal(EngineTurnEndKind.Failed, end.Kind);
            Assert.NotNull(end.Failure);
            Assert.Null(end.Pin);
            Assert.Empty(steps);
            Assert.Equal(EngineTurnEndKind.OutputLimit, (await EngineLab.ReadAsync(good)).End.Kind);
        }
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task EmptyPrompt_Fails_AndAnEmptyWarmUpDoesNothing()
    {
        await using var engine = EngineLab.Start();
        Assert.Equal(EngineTurnEndKind.Failed, (await EngineLab.RunAsync(engine, EngineLab.Spec(TokenPath.Empty, 5))).End.Kind);
        Assert.Equal(EngineTurnEndKind.OutputLimit, (await EngineLab.RunAsync(engine, EngineLab.Spec(TokenPath.Empty, 0))).End.Kind);
    }

    [Fact]
    public async Task SlowReader_PausesOnlyItself()
    {
        await using var engine = EngineLab.Start(options => options.StepsBufferedMax = 4);
        var slow = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 30), 40));
        await slow.Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
        var (fast, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 30), 200));
        Assert.Equal(200, steps.Count);
        Assert.False(slow.Ended.IsCompleted);
        Assert.True(engine.Counters.OutputTokens <= 200 + 4 + 1);
        var (end, rest) = await EngineLab.ReadAsync(slow);
        Assert.Equal((EngineTurnEndKind.OutputLimit, 40), (end.Kind, rest.Count));
        Assert.NotNull(fast.Pin);
    }

    [Fact]
    public async Task Cancel_EndsWithinABatch_AndKeepsThePrompt()
    {
        await using var engine = EngineLab.Start(options => options.StepsBufferedMax = 2);
        var prompt = EngineLab.Prompt(_random, 200);
        var turn = EngineLab.Begin(engine, EngineLab.Spec(prompt, 500));
        await turn.Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
        turn.Cancel();
        var (end, _) = await EngineLab.ReadAsync(turn);
        Assert.Equal(EngineTurnEndKind.Cancelled, end.Kind);
        Assert.InRange(end.OutputTokens, 1, 4);
        EngineAudit.Check(engine);
        var (next, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt.Append(EngineLab.Tokens(_random, 10)), 3, end.Pin));
        Assert.Equal((200, 10), (next.CachedTokens, next.PrefilledTokens));
    }

    [Fact]
    public async Task Stop_HandsOverAndKeeps_WhatWasSampled()
    {
        await using var engine = EngineLab.Start(options => options.StepsBufferedMax = 2);
        var prompt = EngineLab.Prompt(_random, 200);
        var turn = EngineLab.Begin(engine, EngineLab.Spec(prompt, 500));
        await turn.Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
        turn.Stop();
        var (end, steps) = await EngineLab.ReadAsync(turn);
        Assert.Equal(EngineTurnEndKind.Stopped, end.Kind);
        Assert.InRange(end.OutputTokens, 1, 4);
        Assert.Equal(end.OutputTokens, steps.Count);
        Assert.Equal(200 + end.OutputTokens, end.Path.Length);
        EngineAudit.Check(engine);
        var (next, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(end.Path.Append(EngineLab.Tokens(_random, 10)), 3, end.Pin));
        Assert.Equal((end.Path.Length - 1, 11), (next.CachedTokens, next.PrefilledTokens)); // the newest token was never computed
    }

    [Fact]
    public async Task StoppedTurn_ThatNobodyReads_EndsWhenItIsCancelled()
    {
        await using var engine = EngineLab.Start(options => options.StepsBufferedMax = 2);
        var turn = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 200), 500));
        await turn.Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
        turn.Stop();
        turn.Cancel();
        Assert.Equal(EngineTurnEndKind.Stopped, (await turn.Ended.WaitAsync(TestContext.Current.CancellationToken)).Kind);
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task CancelDuringPrefill_KeepsWhatIsComputed()
    {
        await using var engine = EngineLab.Start(options => options.BatchTokens = 64);
        using var held = new HeldRounds(engine);
        var prompt = EngineLab.Prompt(_random, 1000);
        var turn = EngineLab.Begin(engine, EngineLab.Spec(prompt, 5));
        await held.Entered;
        turn.Cancel();
        held.GoOn();
        var (end, steps) = await EngineLab.ReadAsync(turn);
        Assert.Empty(steps);
        Assert.Equal((EngineTurnEndKind.Cancelled, 64), (end.Kind, end.PrefilledTokens));
        var (next, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt, 3, end.Pin));
        Assert.Equal(end.PrefilledTokens, next.CachedTokens);
        EngineAudit.Check(engine);
    }

    [Fact]
    public async Task CancelWhileQueued_EndsAtOnce()
    {
        await using var engine = EngineLab.Start(options => options.Streams = 1);
        using var held = new HeldRounds(engine); // the only stream is taken for as long as it takes to queue and cancel
        var running = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 50));
        await held.Entered;
        var queued = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 5));
        queued.Cancel();
        held.GoOn();
        var (end, _) = await EngineLab.ReadAsync(queued);
        Assert.Equal((EngineTurnEndKind.Cancelled, 0, 0), (end.Kind, end.PrefilledTokens, end.CachedTokens));
        Assert.Equal(50, (await EngineLab.ReadAsync(running)).Steps.Count);
    }

    [Fact]
    public async Task TurnThatNobodyReads_KeepsNoEngine_WhereItsStreamWasTakenBackToo()
    {
        var engine = EngineLab.Start(options => (options.Streams, options.StepsBufferedMax) = (1, 1));
        var unread = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 50));
        await unread.Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
        await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 50)); // takes the stream over
        await engine.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(EngineTurnEndKind.Cancelled, (await unread.Ended).Kind);
    }

    [Fact]
    public async Task LongPrefill_LeavesRunningTurnsATokenInEveryRound()
    {
        await using var engine = EngineLab.Start(
            options => (options.ContextTokens, options.DecodeDelayMax) = (4096, TimeSpan.FromMilliseconds(5)));
        var rounds = new List<(int Decoded, int Prefilled)>();
        using var held = new HeldRounds(engine);
        var talking = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 150));
        await held.Entered;
        var reading = EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 4000), 0)); // says nothing itself
        held.GoOn((decoded, prefilled) => rounds.Add((decoded, prefilled)));
        await Task.WhenAll(EngineLab.ReadAsync(talking), EngineLab.ReadAsync(reading));
        await engine.DisposeAsync();
        var mixed = rounds.Where(round => round is { Decoded: > 0, Prefilled: > 0 }).ToList();
        Assert.NotEmpty(mixed);
        Assert.All(mixed, round => Assert.True(round.Prefilled < 512, "A whole batch of prefill between two tokens."));
        var last = rounds.FindLastIndex(round => round.Decoded > 0 && round.Prefilled > 0);
        Assert.All(rounds.Take(last).SkipWhile(round => round.Decoded == 0), round => Assert.True(round.Decoded > 0));
    }

    [Fact]
    public async Task Dispose_EndsWhatRuns()
    {
        var engine = EngineLab.Start(options => (options.Streams, options.StepsBufferedMax) = (1, 1));
        var turns = Enumerable.Range(0, 3)
            .Select(_ => EngineLab.Begin(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 500))).ToList();
        await turns[0].Steps.WaitToReadAsync(TestContext.Current.CancellationToken);
        await engine.DisposeAsync();
        foreach (var turn in turns) Assert.Equal(EngineTurnEndKind.Cancelled, (await turn.Ended).Kind);
        Assert.Throws<ObjectDisposedException>(() => engine.Begin(EngineLab.Spec(EngineLab.Prompt(_random, 20), 5)));
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Dispose_WaitsForThoseWhoTokenise_AndLaterOnesAreRefused()
    {
        for (var round = 0; round < 5; round++)
        {
            var engine = EngineLab.Start();
            var text = string.Concat(Enumerable.Repeat("<|im_start|>some words<|im_end|>\n", 2000));
            var begun = new CountdownEvent(2);
            var users = Enumerable.Range(0, 2).Select(user => Task.Run(() =>
            {
                begun.Signal();
                while (true)
                    if (user == 0) engine.Tokenizer.Tokenize(text, false, true);
                    else (engine.Begin(EngineLab.Spec(EngineLab.Prompt(new Random(1), 20), 2)) as EngineAdmission.Admitted)?.Turn.Cancel();
            }, TestContext.Current.CancellationToken)).ToList();
            begun.Wait(TestContext.Current.CancellationToken);
            await engine.DisposeAsync();
            foreach (var user in users) await Assert.ThrowsAsync<ObjectDisposedException>(() => user);
        }
    }

    [Fact]
    public async Task BeginThatThrows_GivesItsPlaceBack()
    {
        await using var engine = EngineLab.Start(options => (options.QueueMax, options.Streams) = (2, 1));
        var broken = EngineLab.Spec(EngineLab.Prompt(_random, 20), 2) with { Sampling = null! };
        for (var time = 0; time < 5; time++) Assert.ThrowsAny<Exception>(() => engine.Begin(broken));
        await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 20), 2));
    }

    [Fact]
    public async Task ParkedBytes_StayWithinTheBudget_ToTheByte()
    {
        const long budget = 700_000; // f32 state of the tiny model: 2,048 bytes a token, so about 340 tokens
        await using var engine = EngineLab.Start(options => options.ParkedBytesMax = budget);
        var pins = new List<(TokenPath Path, SequencePin? Pin)>();
        for (var session = 0; session < 12; session++)
        {
            var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 60 + session * 7), 3));
            pins.Add((end.Path, end.Pin));
            Assert.InRange(engine.Store.Bytes, 0, budget);
            EngineAudit.Check(engine);
        }
        Assert.True(engine.Counters.Evictions > 0);
        Assert.True(engine.Counters.ParkedBytes > budget / 2);
        foreach (var (path, pin) in pins) // gone or not, each goes on
        {
            var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(path.Append(EngineLab.Tokens(_random, 5)), 3, pin));
            Assert.Equal(path.Length + 5, end.CachedTokens + end.PrefilledTokens);
            EngineAudit.Check(engine);
        }
    }

    [Fact]
    public async Task TurnWhoseStateWasEvicted_SaysWhenAndWhere()
    {
        foreach (var (budget, place) in new[] { (2048L * 150, LossPlace.HostMemory), (0L, LossPlace.Cells) })
        {
            await using var engine = EngineLab.Start(options => (options.Streams, options.ParkedBytesMax) = (1, budget));
            var began = TimeProvider.System.GetUtcNow();
            var (first, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 97), 4));
            for (var session = 0; session < 3; session++)
                await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 97), 4, scope: "b"));
            var (end, _) = await EngineLab.RunAsync(
                engine, EngineLab.Spec(first.Path.Append(EngineLab.Tokens(_random, 5)), 3, first.Pin));
            Assert.Equal((0, place), (end.CachedTokens, end.Lost!.Place));
            Assert.InRange(end.Lost.At, began, TimeProvider.System.GetUtcNow());
            var (next, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(end.Path.Append(EngineLab.Tokens(_random, 5)), 3, end.Pin));
            Assert.Null(next.Lost);
        }
    }

    [Fact]
    public async Task DroppedPins_GoFirst()
    {
        await using var engine = EngineLab.Start(options => (options.Streams, options.ParkedBytesMax) = (1, 2048 * 220));
        var (kept, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 97), 4));
        var (dropped, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 97), 4));
        dropped.Pin!.Dispose();
        for (var session = 0; session < 2; session++) await EngineLab.RunAsync(engine, EngineLab.Spec(EngineLab.Prompt(_random, 97), 4));
        var (end, _) = await EngineLab.RunAsync(engine, EngineLab.Spec(kept.Path.Append(EngineLab.Tokens(_random, 5)), 3, kept.Pin));
        Assert.Equal(CacheSource.Parked, end.Source); // older than the dropped one, and yet it stayed
    }
}
