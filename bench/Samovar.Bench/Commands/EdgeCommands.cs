using System.CommandLine;
using Samovar.Bench.Edge;
using Samovar.Bench.Links;

namespace Samovar.Bench.Commands;

/// <summary>Agents that know only whole histories, on a bad link.</summary>
internal static class EdgeCommands
{
    public static IEnumerable<Command> All() => [Edge()];

    private static Command Edge()
    {
        var results = new Option<int[]>("--results")
        {
            Description = "Bytes of a tool result, a task for each.", AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [1430, 60_000],
        };
        var calls = Number("--calls", "Tool calls of a task.", 20);
        var tries = Number("--tries", "How often the agent asks for a turn before it gives its task up.", 3);
        var cut = Number("--cut-every", "Seconds from one cut of the link to the next, where it is cut.", 25);
        var turn = Number("--turn-max", "Seconds that the agent waits for a turn.", 60);
        var link = new Option<string>("--link") { Description = "What lies between.", DefaultValueFactory = _ => LinkShape.Airplane.Name };
        link.AcceptOnlyFromAmong([.. LinkShape.All.Where(shape => shape != LinkShape.Lan).Select(shape => shape.Name)]);
        var method = StoryCommands.Method();
        var command = new Command("edge",
            "Agents with whole histories on a bad link, alone and behind an edge: bytes, turns that time out, time of a task.")
            { results, calls, link, cut, turn, tries, method };
        command.SetAction((parsed, stop) => RunAsync(new EdgePlan(
            LinkShape.All.First(shape => shape.Name == parsed.GetValue(link)), parsed.GetValue(results)!, parsed.GetValue(calls),
            TimeSpan.FromSeconds(parsed.GetValue(cut)), parsed.GetValue(method))
        {
            TurnMax = TimeSpan.FromSeconds(parsed.GetValue(turn)), TriesMax = parsed.GetValue(tries),
        }, stop));
        return command;
    }

    private static async Task RunAsync(EdgePlan plan, CancellationToken stop)
    {
        var played = await new EdgeWorkload(plan).RunAsync(one => Console.Error.WriteLine(
            $"{one.Task.Name}, {one.Kind.Name}, {one.Words}: {one.Outcome.Ended} turns in {one.Outcome.Total.TotalSeconds:0} s"), stop);
        EdgeTable.Write(plan, played);
    }

    private static Option<int> Number(string name, string description, int otherwise)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1) result.AddError($"{name} is a number above 0.");
        });
        return option;
    }
}
