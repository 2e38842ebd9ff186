using System.CommandLine;
using System.Net.Http.Headers;
using Samovar.Cli.Agents;
using Samovar.Client.Transports;
using Samovar.Escaping;
using Samovar.Server.Hosting;
using Samovar.Server.Monitoring.Status;

namespace Samovar.Cli.Pull;

/// <summary><c>samovar pull</c>: gets a model from a hub or any address.</summary>
internal static class PullCommand
{
    private const int CannotPull = 1;
    private const long ListBytesMax = 16 << 20; // of a page of a hub's tree
    private const string DefaultHub = "https://huggingface.co", HubVariable = "HF_ENDPOINT", TokenVariable = "HF_TOKEN";
    private static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(20), HeadersMax = TimeSpan.FromMinutes(1);

    /// <param name="where">Options that say where the data folder is.</param>
    /// <param name="dataPath">Reads it from them.</param>
    public static Command Create(TimeProvider time, IReadOnlyList<Option> where, Func<ParseResult, string> dataPath)
    {
        var source = new Argument<string>("model")
        {
            Description = "owner/name, owner/name:QUANT, owner/name/FILE.gguf, or an address of a GGUF file.",
        };
        var folder = new Option<string?>("--to") { Description = "Folder of models. [models in the data folder]", HelpName = "DIR" };
        var hub = new Option<string?>("--hub") { Description = $"The hub. [{HubVariable}, or {DefaultHub}]", HelpName = "URL" };
        var hash = new Option<string?>("--sha256")
        {
            Description = "What the file's SHA-256 must be; hubs say it themselves.", HelpName = "HEX",
        };
        var command = new Command("pull", $"Download a model, or go on where that was cut; a token is read from {TokenVariable}.")
            { source, folder, hub, hash };
        foreach (var option in where) command.Add(option);
        command.SetAction((parsed, userGone) =>
        {
            var wanted = new PullWanted(parsed.GetValue(source)!, HubOf(parsed.GetValue(hub)),
                Path.GetFullPath(parsed.GetValue(folder) ?? PulledModels.FolderOf(dataPath(parsed))),
                HashOf(parsed.GetValue(hash)), Variable(TokenVariable));
            return RunAsync(wanted, new DownloadBounds(), time, Console.Out, Console.Error, userGone);
        });
        return command;
    }

    /// <returns>0 the model is there, 1 it could not be had.</returns>
    internal static async Task<int> RunAsync(
        PullWanted wanted, DownloadBounds bounds, TimeProvider time, TextWriter output, TextWriter error, CancellationToken userGone)
    {
        using var http = Client(wanted);
        try
        {
            using var progress = new PullProgress(output, time);
            var retries = new Retries(time, bounds);
            var files = await FilesAsync(new HubClient(http, wanted.Hub, retries, bounds), wanted, progress, userGone);
            PullRoom.Require(files, file => PathOf(wanted, file), bounds);
            var download = new Download(new DownloadRequest(http, time, bounds), retries);
            var paths = new List<string>();
            foreach (var file in files)
            {
                paths.Add(PathOf(wanted, file));
                var isNew = await download.RunAsync(file, paths[^1], progress, userGone);
                progress.Done(paths[^1], isNew, isChecked: file.Sha256 is not null);
            }
            await output.WriteLineAsync($"Serve it: samovar serve --model {ForeignText.OneLine(paths[0])}");
            return 0;
        }
        catch (PullException exception) { return Fail(error, exception.Message); }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Fail(error, $"{exception.Message.TrimEnd('.')}.");
        }
        catch (OperationCanceledException) when (userGone.IsCancellationRequested)
        {
            return Fail(error, "Stopped; the same command goes on from here.");
        }
    }

    private static int Fail(TextWriter error, string trouble)
    {
        Complaint.Write(error, trouble);
        return CannotPull;
    }

    private static string PathOf(PullWanted wanted, ModelFile file) => Path.Combine(wanted.Folder, file.Folder, file.Name);

    private static async Task<IReadOnlyList<ModelFile>> FilesAsync(
        HubClient client, PullWanted wanted, IPullProgress progress, CancellationToken userGone)
    {
        switch (ModelSource.Of(wanted.Source, wanted.Hub))
        {
            case ModelSource.File(var address):
                var parts = SplitAddress.Of(address);
                if (parts.Count > 1 && wanted.Sha256 is not null)
                    throw new PullException($"The model has {parts.Count} files, and --sha256 is of one: pull them without it.");
                return [.. parts.Select(part => new ModelFile(part, part.Host, LocalName.Of(part), Bytes: null, wanted.Sha256))];
            case ModelSource.Hub hub:
                var files = await client.FindAsync(hub, progress, userGone);
                if (wanted.Sha256 is { } hash && files.Any(file => file.Sha256 != hash))
                    throw new PullException($"The hub's file has another SHA-256: {string.Join(", ", files.Select(file => file.Sha256))}.");
                return files;
            default: throw new InvalidOperationException("There are two kinds of sources.");
        }
    }

    private static HttpClient Client(PullWanted wanted)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectMax, ResponseDrainTimeout = ConnectMax, AllowAutoRedirect = false,
            Proxy = ProxyBeyondLoopback.Instance,
        };
        var http = new HttpClient(new HubHandler(wanted, handler)) { Timeout = HeadersMax, MaxResponseContentBufferSize = ListBytesMax };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("samovar", ServerStatus.Version.Split('+')[0]));
        return http;
    }

    private static Uri HubOf(string? option)
    {
        var text = option ?? Variable(HubVariable) ?? DefaultHub;
        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var hub) && hub.Scheme is "http" or "https" ? hub
            : throw new UsageException($"--hub must be an address such as {DefaultHub}, not '{text}'.");
    }

    private static string? HashOf(string? text) =>
        text is null || text.Length == 64 && text.All(char.IsAsciiHexDigit) ? text?.ToLowerInvariant()
        : throw new UsageException("--sha256 must be 64 digits in hex.");

    private static string? Variable(string name)
    {
        var value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrWhiteSpace(value) ? null : value.Trim();
    }
}
