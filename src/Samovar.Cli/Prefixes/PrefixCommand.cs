using System.CommandLine;
using Samovar.Cli.Agents;
using Samovar.Protocol.Requests;

namespace Samovar.Cli.Prefixes;

/// <summary><c>samovar prefix</c>: warms the starts of conversations, lists them and drops them.</summary>
internal static class PrefixCommand
{
    private const string WhoseKey = "The key of the prefixes' tenant.";

    public static Command Create() => new("prefix", "Keep the start that many conversations share warm.") { Warm(), List(), Drop() };

    private static Command Warm()
    {
        var server = new ServerChoice(WhoseKey);
        var file = new Argument<string>("FILE")
        {
            Description = "The JSON body of a request that begins so: of Responses, Chat Completions or Messages.",
        };
        var model = new Option<string?>("--model") { Description = "The model. [as the file says]", HelpName = "NAME" };
        var keep = new Option<string?>("--keep")
        {
            Description = "How long to keep it beyond its last use: 90s, 30m, 1h, 2d. [Prefixes:Keep]", HelpName = "TIME",
        };
        var name = new Option<string?>("--name") { Description = "What to call it.", HelpName = "NAME" };
        var store = new Option<bool?>("--store")
        {
            Description = "Whether its state may be written to files. [as the file says]", HelpName = "true|false",
        };
        var command = new Command("warm", "Compute a prefix, unless it is warm, and keep it.") { file, model, keep, name, store };
        server.AddTo(command);
        command.SetAction(async (parsed, userGone) =>
        {
            if (parsed.GetValue(keep) is { } time && PrefixRequestReader.TimeOf(time) is null)
                throw new UsageException($"--keep must be a time such as 90s, 30m, 1h or 2d, not '{time}'.");
            var order = PrefixFile.Read(parsed.GetValue(file)!) with
            {
                Model = parsed.GetValue(model), Keep = parsed.GetValue(keep), Name = parsed.GetValue(name), Store = parsed.GetValue(store),
            };
            using var client = server.Open(parsed, static (address, key) => new PrefixClient(address, key));
            return await PrefixRun.WarmAsync(client, order, Console.Out, Console.Error, userGone);
        });
        return command;
    }

    private static Command List()
    {
        var server = new ServerChoice(WhoseKey);
        var json = new Option<bool>("--json") { Description = "Print it as JSON." };
        var command = new Command("list", "Show the prefixes that are warm, who uses them, and where they are.") { json };
        server.AddTo(command);
        command.SetAction(async (parsed, userGone) =>
        {
            using var client = server.Open(parsed, static (address, key) => new PrefixClient(address, key));
            return await PrefixRun.ListAsync(client, parsed.GetValue(json), Console.Out, Console.Error, userGone);
        });
        return command;
    }

    private static Command Drop()
    {
        var server = new ServerChoice(WhoseKey);
        var id = new Argument<string>("ID") { Description = "The prefix's id: prefix_…" };
        var command = new Command("drop", "Keep a prefix no longer.") { id };
        server.AddTo(command);
        command.SetAction(async (parsed, userGone) =>
        {
            using var client = server.Open(parsed, static (address, key) => new PrefixClient(address, key));
            return await PrefixRun.DropAsync(client, parsed.GetValue(id)!, Console.Out, Console.Error, userGone);
        });
        return command;
    }
}
