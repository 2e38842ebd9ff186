using System.CommandLine;
using Samovar.Cli.Agents;
using Samovar.Cli.Connect.Setups;

namespace Samovar.Cli.Connect;

/// <summary><c>samovar connect AGENT</c>: sets an agent up to use a running server.</summary>
internal static class ConnectCommand
{
    public static Command Create(TimeProvider time, IReadOnlyDictionary<string, string>? variables, TextReader input)
    {
        var server = new ServerChoice("A key of the server. It goes into the agent's file, which then only its owner may read.");
        var agent = new Argument<string>("AGENT") { Description = string.Join(", ", AgentSetups.All.Select(one => one.Name)) + "." };
        agent.AcceptOnlyFromAmong([.. AgentSetups.All.Select(one => one.Name)]);
        var model = new Option<string?>("--model") { Description = "The model. [the first that the server lists]", HelpName = "NAME" };
        var print = new Option<bool>("--print") { Description = "Show what would be written, and write nothing." };
        var yes = new Option<bool>("--yes", "-y") { Description = "Write without asking." };
        var isDefault = new Option<bool>("--default") { Description = "Stand in for the model that the agent uses by default now." };
        var isListed = new Option<bool>("--catalog-file")
        {
            Description = "For a codex before 0.169: write the server's model catalogue into a file.",
        };
        var noCheck = new Option<bool>("--no-check") { Description = "Do not try two turns afterwards." };
        var undo = new Option<bool>("--undo") { Description = "Make the agent's files what they were." };
        var command = new Command("connect", "Set an agent up to use a running server.")
        {
            agent, model, print, yes, isDefault, isListed, noCheck, undo,
        };
        server.AddTo(command);
        command.SetAction((parsed, userGone) =>
        {
            var setup = AgentSetups.All.First(one => one.Name == parsed.GetValue(agent));
            var wish = new ConnectWish(setup, parsed.GetValue(model), parsed.GetValue(isDefault), parsed.GetValue(isListed))
            {
                OnlyPrints = parsed.GetValue(print), IsAgreed = parsed.GetValue(yes), Checks = !parsed.GetValue(noCheck),
                KeyName = server.KeyName(parsed),
            };
            var run = new ConnectRun(new AgentHome(variables), time, input, Console.Out, Console.Error);
            return parsed.GetValue(undo) ? Task.FromResult(run.Undo(wish, userGone))
                : server.Open(parsed, (address, key) => run.ConnectAsync(wish, address, key, userGone));
        });
        return command;
    }
}
