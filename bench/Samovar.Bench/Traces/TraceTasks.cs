using Samovar.Bench.Transport;

namespace Samovar.Bench.Traces;

/// <summary>How traces are played.</summary>
/// <param name="Scale">Bytes of text for each that was there.</param>
/// <param name="PauseMax">The longest of the client's pauses; zero: none.</param>
/// <param name="TurnsMax">Of each session.</param>
internal sealed record TracePlay(double Scale, TimeSpan PauseMax, int TurnsMax = int.MaxValue);

/// <summary>Makes a task of a trace: what an agent that wrote it down would send.</summary>
/// <remarks>
/// What a prompt begins with as the one before it did is history; what is behind that is new, and a part of it is the answer that came
/// between. Where history is not whole any more (a compaction, an edit, another conversation), the conversation begins again: with the
/// turns of which every block is still there, and everything else as new words. The last block of a prompt may differ and be the same
/// conversation, for the file has it where the template's own end was in it.
/// </remarks>
internal sealed class TraceTasks(TraceFile file, TracePlay play)
{
    private const double BytesPerToken = 4;
    private const int TailBlocks = 1;
    private const int NewBytesMin = 64; // what steers the simulated model stands in it
    private const int CallBytes = 28, OutputBytesMax = 999_999; // a call's arguments without their text; what can be asked for
    private readonly int _blockBytes = (int)Math.Max(1, Math.Round(file.BlockTokens * BytesPerToken * play.Scale));

    /// <summary>One task; two where there are sub-agents: over lanes of one connection, and over a connection each.</summary>
    public IReadOnlyList<AgentTask> All()
    {
        var task = Task(file.Session) with { Words = $"recorded session {file.Id}" };
        return task.SubAgents.Count == 0 ? [task]
            : [task with { Name = task.Name + "-lanes", SharesSocket = true }, task with { Name = task.Name + "-sockets" }];
    }

    private AgentTask Task(TraceSession session)
    {
        var turns = session.Turns.Take(play.TurnsMax).ToList();
        var start = Start(session, turns[0]);
        return new AgentTask(session.Name, session.Name, start, new Walk(this, session, start).Steps(turns))
        {
            SubAgents = [.. session.SubAgents.Select(agent => SubAgent(agent, turns))
                .Where(agent => agent.After < turns.Count || turns.Count == session.Turns.Count)],
        };
    }

    /// <summary>It begins behind the answers that were there by then, and is awaited by the first request behind its end.</summary>
    private SubAgent SubAgent(TraceSubAgent agent, List<TraceTurn> turns)
    {
        var after = turns.Count(turn => turn.At < agent.StartsAt);
        var since = after == 0 ? agent.StartsAt : agent.StartsAt - turns[after - 1].At - turns[after - 1].Took;
        var before = turns.FindIndex(turn => turn.At >= agent.EndsAt);
        return new SubAgent(agent.Session.Name, Task(agent.Session), after, before < 0 ? turns.Count : before, Pause(since));
    }

    private AgentStart Start(TraceSession session, TraceTurn turn)
    {
        var (tools, all) = (Bytes(session.ToolTokens), Bytes(session.ToolTokens + session.SystemTokens));
        var most = Bytes(turn.InputTokens); // a prompt that is shorter than what it says to begin with has less
        return new AgentStart(Math.Max(1, Math.Min(all, most) - Math.Min(tools, most)), Math.Max(1, Math.Min(tools, most)))
        {
            ToolWords = new TraceWords(turn.Blocks, _blockBytes, 0), Words = new TraceWords(turn.Blocks, _blockBytes, tools),
        };
    }

    private int Bytes(int tokens) => (int)((long)tokens * _blockBytes / file.BlockTokens);

    private TimeSpan Pause(TimeSpan pause) => pause < play.PauseMax ? (pause > TimeSpan.Zero ? pause : TimeSpan.Zero) : play.PauseMax;

    /// <summary>From prompt to prompt of a session, with what the conversation has said so far.</summary>
    private sealed class Walk(TraceTasks tasks, TraceSession session, AgentStart start)
    {
        private readonly List<long> _ends = []; // byte of the conversation where each of its turns ends, answer included
        private int _startBytes = start.InstructionBytes + start.ToolBytes;

        public List<AgentStep> Steps(List<TraceTurn> turns)
        {
            var steps = new List<AgentStep>();
            for (var turn = 0; turn < turns.Count; turn++) steps.Add(Step(turn == 0 ? null : turns[turn - 1], turns[turn]));
            return steps;
        }

        private AgentStep Step(TraceTurn? previous, TraceTurn turn)
        {
            var (keeps, begins) = previous is null ? (null, null) : History(previous, turn);
            var from = _ends is [.., var end] ? end : _startBytes;
            var news = (int)Math.Max(NewBytesMin, tasks.Bytes(turn.InputTokens) - from);
            var frame = turn.StopsForTool ? CallBytes : 0;
            var output = Math.Clamp(tasks.Bytes(turn.OutputTokens) - frame, (int)BytesPerToken, OutputBytesMax);
            _ends.Add(from + news + output + frame);
            return new AgentStep(news, output, tasks.Pause(turn.Pause))
            {
                Words = new TraceWords(turn.Blocks, tasks._blockBytes, from), EndsWithCall = turn.StopsForTool,
                Keeps = keeps, Start = begins,
            };
        }

        /// <summary>How many turns are kept where the conversation begins again, and what it begins with if that has changed.</summary>
        private (int? Keeps, AgentStart? Start) History(TraceTurn previous, TraceTurn turn)
        {
            var same = previous.Blocks.Zip(turn.Blocks).TakeWhile(pair => pair.First == pair.Second).Count();
            if (same >= previous.Blocks.Count - TailBlocks && turn.InputTokens >= previous.InputTokens) return (null, null);
            var sameBytes = (long)same * tasks._blockBytes;
            var keeps = _ends.TakeWhile(end => end <= sameBytes).Count();
            _ends.RemoveRange(keeps, _ends.Count - keeps);
            if (keeps > 0 || sameBytes >= _startBytes) return (keeps, null);
            var begins = tasks.Start(session, turn);
            _startBytes = begins.InstructionBytes + begins.ToolBytes;
            return (0, begins);
        }
    }
}
