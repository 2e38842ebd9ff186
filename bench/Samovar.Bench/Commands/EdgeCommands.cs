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
        var calls = new Option<int>("--calls") { Description = "Tool calls of a task.", DefaultValueFactory = _ => 20 };
        var cut = new Option<double>("--cut-every")
        {
            Description = "Seconds from one cut of the link to the next, where it is cut.", DefaultValueFactory = _ => 20,
        };
        var link = new Option<string>("--link") { Description = "What lies between.", DefaultValueFactory = _ => LinkShape.Airplane.Name };
        link.AcceptOnlyFromAmong([.. LinkShape.All.Where(shape => shape != LinkShape.Lan).Select(shape => shape.Name)]);
        var method = StoryCommands.Method();
        var command = new Command("edge", "An agent with whole histories on a bad link: alone, behind an edge, behind one that is cut.")
            { results, calls, cut, link, method };
        command.SetAction((parsed, stop) => new EdgeWorkload(new EdgePlan(
            LinkShape.All.First(shape => shape.Name == parsed.GetValue(link)), parsed.GetValue(results)!, parsed.GetValue(calls),
            TimeSpan.FromSeconds(parsed.GetValue(cut)), parsed.GetValue(method))).RunAsync(stop));
        return command;
    }
}
