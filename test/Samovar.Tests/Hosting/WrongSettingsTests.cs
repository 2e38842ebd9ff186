using Samovar.Cli.Commands;

namespace Samovar.Tests.Hosting;

/// <summary>Wrong settings as people give them: <c>up</c> and <c>config check</c> say the same of each, by name and place.</summary>
public sealed class WrongSettingsTests : IDisposable
{
    private const string APort = "must be a whole number between 0 and 65535",
        ATime = "must be a time span between 00:00:00 and 01:00:00 as days.hours:minutes:seconds",
        AType = "must be one of f32, f16, bf16, q8_0, q4_0",
        ALevel = "must be one of Trace, Debug, Information, Warning, Error, Critical, None";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-settings-");

    private string SettingsFile => Path.Combine(_folder.FullName, "given.json");

    /// <summary>What is given in the environment, as <c>NAME=value</c>.</summary>
    [Theory]
    [InlineData("SAMOVAR_Servr__Port=1", "There is no setting Servr:Port (SAMOVAR_Servr__Port); did you mean SAMOVAR_Server__Port?")]
    [InlineData("SAMOVAR_Server__Prot=1", "There is no setting Server:Prot (SAMOVAR_Server__Prot); did you mean SAMOVAR_Server__Port?")]
    [InlineData("SAMOVAR_Server_Port=1", "There is no setting Server_Port (SAMOVAR_Server_Port); did you mean SAMOVAR_Server__Port?")]
    [InlineData("SAMOVAR_PORT=1", "There is no setting PORT (SAMOVAR_PORT); did you mean SAMOVAR_Server__Port?")]
    [InlineData("SAMOVAR_FROBNICATE=1", "There is no setting FROBNICATE (SAMOVAR_FROBNICATE).")]
    [InlineData("SAMOVAR_Frob__Nicate=1", "There is no setting Frob:Nicate (SAMOVAR_Frob__Nicate).")]
    [InlineData("SAMOVAR_Server__Streams=2",
        "There is no setting Server:Streams (SAMOVAR_Server__Streams); did you mean SAMOVAR_Engine__Streams?")]
    [InlineData("SAMOVAR_Server=x", "Server (SAMOVAR_Server) must be an object with settings, not 'x'.")]
    [InlineData("SAMOVAR_Server__Port=abc", "Server:Port (SAMOVAR_Server__Port) " + APort + ", not 'abc'.")]
    [InlineData("SAMOVAR_Server__Port=", "Server:Port (SAMOVAR_Server__Port) " + APort + ", not ''.")]
    [InlineData("SAMOVAR_Server__Port=70000", "Server:Port (SAMOVAR_Server__Port) " + APort + ", not '70000'.")]
    [InlineData("SAMOVAR_Server__Port=99999999999", "Server:Port (SAMOVAR_Server__Port) " + APort + ", not '99999999999'.")]
    [InlineData("SAMOVAR_Server__Host=example", "Server:Host (SAMOVAR_Server__Host) must be an IP address or 'localhost', not 'example'.")]
    [InlineData("SAMOVAR_Server__InsecureListen=yes",
        "Server:InsecureListen (SAMOVAR_Server__InsecureListen) must be true or false, not 'yes'.")]
    [InlineData("SAMOVAR_Server__DrainTimeMax=20", "Server:DrainTimeMax (SAMOVAR_Server__DrainTimeMax) " + ATime + ", not '20'.")]
    [InlineData("SAMOVAR_Server__DrainTimeMax=soon", "Server:DrainTimeMax (SAMOVAR_Server__DrainTimeMax) " + ATime + ", not 'soon'.")]
    [InlineData("SAMOVAR_Embedded__Temperature=hot",
        "Embedded:Temperature (SAMOVAR_Embedded__Temperature) must be a number between 0 and 2, not 'hot'.")]
    [InlineData("SAMOVAR_Embedded__Temperature=3",
        "Embedded:Temperature (SAMOVAR_Embedded__Temperature) must be a number between 0 and 2, not '3'.")]
    [InlineData("SAMOVAR_Embedded__Temperature=2.4",
        "Embedded:Temperature (SAMOVAR_Embedded__Temperature) must be a number between 0 and 2, not '2.4'.")]
    [InlineData("SAMOVAR_Embedded__Temperature=NaN",
        "Embedded:Temperature (SAMOVAR_Embedded__Temperature) must be a number between 0 and 2, not 'NaN'.")]
    [InlineData("SAMOVAR_Embedded__TopP=1e30", "Embedded:TopP (SAMOVAR_Embedded__TopP) must be a number between 0 and 1, not '1e30'.")]
    [InlineData("SAMOVAR_Engine__KvType=", "Engine:KvType (SAMOVAR_Engine__KvType) " + AType + ", not ''.")]
    [InlineData("SAMOVAR_MODEL=x", "There is no setting MODEL (SAMOVAR_MODEL); did you mean SAMOVAR_Engine__ModelPath?")]
    [InlineData("SAMOVAR_CTX=1", "There is no setting CTX (SAMOVAR_CTX); did you mean SAMOVAR_Engine__ContextTokens?")]
    [InlineData("SAMOVAR_LOG_LEVEL=Debug",
        "There is no setting LOG_LEVEL (SAMOVAR_LOG_LEVEL); did you mean SAMOVAR_Logging__LogLevel__Default?")]
    [InlineData("SAMOVAR_Engine__KvType=q9", "Engine:KvType (SAMOVAR_Engine__KvType) " + AType + ", not 'q9'.")]
    [InlineData("SAMOVAR_Memory__BytesMax=lots", "Memory:BytesMax (SAMOVAR_Memory__BytesMax) must be a whole number")]
    [InlineData("SAMOVAR_Chains__BytesMax=-1",
        "Chains:BytesMax (SAMOVAR_Chains__BytesMax) must be a whole number between 65536 and 1099511627776, not '-1'.")]
    [InlineData("SAMOVAR_Logging__LogLevel__Default=loud",
        "Logging:LogLevel:Default (SAMOVAR_Logging__LogLevel__Default) " + ALevel + ", not 'loud'.")]
    [InlineData("SAMOVAR_Loging__LogLevel__Default=Debug",
        "There is no setting Loging:LogLevel:Default (SAMOVAR_Loging__LogLevel__Default); did you mean SAMOVAR_Logging__LogLevel__D")]
    [InlineData("SAMOVAR_Logging__Console__FormatterName=json",
        "There is no setting Logging:Console:FormatterName (SAMOVAR_Logging__Console__FormatterName)")]
    [InlineData("SAMOVAR_Logging__Console__LogLevel__Default=loud",
        "Logging:Console:LogLevel:Default (SAMOVAR_Logging__Console__LogLevel__Default) " + ALevel + ", not 'loud'.")]
    [InlineData("SAMOVAR_Logging__Console=json", "Logging:Console (SAMOVAR_Logging__Console) must be an object with settings, not 'json'.")]
    [InlineData("SAMOVAR_Logging__Level=Debug", "There is no setting Logging:Level (SAMOVAR_Logging__Level)")]
    [InlineData("SAMOVAR_Http__ExtraResponsesPaths=/x/responses",
        "Http:ExtraResponsesPaths (SAMOVAR_Http__ExtraResponsesPaths) must be a list, not '/x/responses'.")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=collector", "OTEL_EXPORTER_OTLP_ENDPOINT is not an http or https address.")]
    public Task Variable_IsNamed_WithWhatIsWrong(string variable, string expected)
    {
        var parts = variable.Split('=', 2);
        return SaidByBothAsync([], new() { [parts[0]] = parts[1] }, expected);
    }

    [Theory]
    [InlineData("{\n  \"Server\": {\n    \"Port\": 1,,\n  }\n}", "{file}, line 3, column 15: ")]
    [InlineData("{\"Server\":{\"Port\":1}", "{file}, line 1, column 21: ")]
    [InlineData("", "{file}, line 1, column 1: the file is empty; '{}' is the least that is JSON.")]
    [InlineData("[1]", "{file}, line 1, column 1: settings are an object, in braces, not a list.")]
    [InlineData("// none\n null", "{file}, line 2, column 2: settings are an object, in braces, not a single value.")]
    [InlineData("{\"Server\":{\"Port\":1,\"port\":2}}", "{file}, line 1, column 21: 'Server:port' is here for the second time.")]
    [InlineData("{\n \"Upstream\": {\"Pools\": [{}, {\"Name\": \"a\", // x\n  \"name\": \"b\"}]}}",
        "{file}, line 3, column 3: 'Upstream:Pools:1:name' is here for the second time.")]
    [InlineData("{\"Server\":{\"Ho\\ud800st\":\"x\"}}", "The settings file {file} cannot be used: ")]
    [InlineData("{\"Servre\":{}}", "There is no setting Servre ({file}); did you mean Server?")]
    [InlineData("{\"model\":\"x\"}", "There is no setting model ({file}); did you mean Engine:ModelPath?")]
    [InlineData("{\"Engine\":{\"Ctx\":1}}", "There is no setting Engine:Ctx ({file}); did you mean Engine:ContextTokens?")]
    [InlineData("{\"Logging\":\"Debug\"}", "Logging ({file}) must be an object with settings, not 'Debug'.")]
    [InlineData("{\"Logging\":{\"LogLevel\":\"Debug\"}}", "Logging:LogLevel ({file}) must be an object with settings, not 'Debug'.")]
    [InlineData("{\"Routing\":{\"Aliases\":[\"a\"]}}", "Routing:Aliases ({file}) must be an object of names and values, not a list.")]
    [InlineData("{\"Server\":{\"Prot\":1}}", "There is no setting Server:Prot ({file}); did you mean Server:Port?")]
    [InlineData("{\"server\":{\"port\":\"x\"}}", "Server:port ({file}) " + APort + ", not 'x'.")]
    [InlineData("{\"Server\":{\"Port\":{\"a\":1}}}", "Server:Port ({file}) " + APort + ", not an object or a list.")]
    [InlineData("{\"Server\":5}", "Server ({file}) must be an object with settings, not '5'.")]
    [InlineData("{\"Auth\":{\"KeyFile\":\"/nowhere/keys.json\"}}", "Auth:KeyFile ({file}) /nowhere/keys.json cannot be used: ")]
    [InlineData("{\"Http\":{\"ExtraResponsesPaths\":[\"api/answers\"]}}",
        "Http:ExtraResponsesPaths ({file}): 'api/answers' must start with '/'")]
    [InlineData("{\"Upstream\":{\"Pools\":\"all\"}}", "Upstream:Pools ({file}) must be a list, not 'all'.")]
    [InlineData("{\"Upstream\":{\"Pools\":[{\"Name\":\"p\",\"Destnations\":[]}]}}",
        "There is no setting Upstream:Pools:0:Destnations ({file}); did you mean Upstream:Pools:0:Destinations?")]
    [InlineData("{\"Upstream\":{\"Pools\":[{\"Name\":\"p\",\"QueueMax\":\"x\"}]}}",
        "Upstream:Pools:0:QueueMax ({file}) must be a whole number, not 'x'.")]
    [InlineData("{\"Upstream\":{\"Pools\":[{\"Name\":\"p\"}]}}", "Upstream:Pools:0:Destinations ({file})")]
    [InlineData("{\"Upstream\":{\"Pools\":[{\"Name\":\"p\",\"Destinations\":[" +
        "{\"Name\":\"d\",\"Kind\":\"telnet\",\"BaseUrl\":\"http://h/v1\",\"Models\":[\"m\"]}]}]}}",
        "Upstream:Pools:0:Destinations:0:Kind ({file}) 'telnet' is not one of ")]
    [InlineData("{\"Routing\":{\"Aliases\":\"x\"}}", "Routing:Aliases ({file}) must be an object of names and values, not 'x'.")]
    public async Task File_IsNamed_WithWhatIsWrong(string content, string expected)
    {
        await File.WriteAllTextAsync(SettingsFile, content, TestContext.Current.CancellationToken);
        await SaidByBothAsync(["--config", SettingsFile], [], expected.Replace("{file}", SettingsFile, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--port must be a whole number, not 'abc'.", "--port", "abc")]
    [InlineData("Server:Port (--port) " + APort + ", not '-1'.", "--port", "-1")]
    [InlineData("Logging:LogLevel:Default (--log-level) must be one of ", "--log-level", "verbose")]
    [InlineData("Engine:KvType (--kv-type) " + AType + ", not 'f64'.", "--kv-type", "f64")]
    [InlineData("Server:Host (--host) 0.0.0.0 lets others on the network in: ", "--host", "0.0.0.0")]
    [InlineData("Engine:ModelPath (--model): /nowhere/model.gguf does not exist.", "--model", "/nowhere/model.gguf")]
    [InlineData("Engine:ModelPath (--model): {folder} is a folder; name the GGUF file in it.", "--model", "{folder}")]
    [InlineData("There is no settings file /nowhere/samovar.json (--config).", "--config", "/nowhere/samovar.json")]
    [InlineData("--config needs the path of a settings file.", "--config", "")]
    [InlineData("--config needs a value: --config PATH.", "--config")]
    [InlineData("--port needs a value: --port N.", "--port=")]
    [InlineData("--port is given 2 times; it takes one value.", "--port", "1", "--port", "2")]
    [InlineData("Engine:Device (--device) must be one of auto, cpu, cuda, vulkan, metal, not 'gpu'.", "--device", "gpu")]
    [InlineData("Engine:Device (--device) must be one of auto, cpu, cuda, vulkan, metal, not ''.", "--device", "")]
    [InlineData("Server:Host (--host) must not be empty.", "--host", "")]
    [InlineData("Server:DataPath (--data) must be a folder; /dev/null is a file.", "--data", "/dev/null")]
    [InlineData("The settings file {folder} is a folder.", "--config", "{folder}")]
    [InlineData("There is no option --prot of 'samovar {command}'; did you mean --port?", "--prot", "1")]
    [InlineData("'samovar {command}' takes no argument 'now'", "now")]
    public Task Flag_IsNamed_WithWhatIsWrong(string expected, params string[] flags) => SaidByBothAsync(
        [.. flags.Select(flag => flag.Replace("{folder}", _folder.FullName, StringComparison.Ordinal))], [],
        expected.Replace("{folder}", _folder.FullName, StringComparison.Ordinal));

    [Fact]
    public Task TwoVariablesOfOneSetting_AreNamed() => SaidByBothAsync(
        [], new() { ["SAMOVAR_SERVER__PORT"] = "1", ["SAMOVAR_Server__Port"] = "2" },
        "Server:Port (SAMOVAR_SERVER__PORT) has another value in SAMOVAR_Server__Port: only one of them may be set.");

    [Theory]
    [InlineData(".samovar.json", "{\"Server\":{\"Prot\":1}}", "There is no setting Server:Prot ({file}); did you mean Server:Port?")]
    [InlineData("it's ü.json", "{", "{file}, line 1, column 2: ")]
    public async Task FileOfAnyName_IsRead(string name, string content, string expected)
    {
        var path = Path.Combine(_folder.FullName, name);
        await File.WriteAllTextAsync(path, content, TestContext.Current.CancellationToken);
        await SaidByBothAsync(["--config", path], [], expected.Replace("{file}", path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ManyFaults_AreSaidAtOnce_EachOnce()
    {
        var (status, lines) = await SaidAsync(["config", "check", "--port", "-1"],
            new() { ["SAMOVAR_Turns__RunningMax"] = "many", ["SAMOVAR_Servr__Host"] = "::1", ["SAMOVAR_Engine__Streams"] = "-1" });
        Assert.Equal((2, 4), (status, lines.Length));
    }

    [Theory]
    [InlineData("SAMOVAR_ROOT", "/somewhere")]
    [InlineData("SAMOVAR_UPSTREAM_KEY", "k")]
    [InlineData("SAMOVAR_PORT", "tcp://10.0.0.1:8787")] // as Kubernetes tells of a service of this name
    [InlineData("SAMOVAR_SERVICE_HOST", "10.0.0.1")]
    [InlineData("SAMOVAR_PORT_8787_TCP_ADDR", "10.0.0.1")]
    [InlineData("SAMOVAR_SERVER__PORT", "8788")]
    [InlineData("SAMOVAR_Embedded__Temperature", "1.9")]
    [InlineData("SAMOVAR_Logging__LogLevel__Samovar.Turns", "debug")]
    [InlineData("SAMOVAR_Upstream__RetriesMax", "1")] // of a section that nothing reads without pools
    public async Task VariableThatIsRightOrNobodysSetting_IsNoFault(string name, string value)
    {
        var (status, lines) = await SaidAsync(["config", "check", "--model", await SmallModelAsync()], new() { [name] = value });
        Assert.Equal((0, 0), (status, lines.Length));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task SaidByBothAsync(string[] flags, Dictionary<string, string> variables, string expected)
    {
        var said = new List<string[]>();
        foreach (var command in new[] { "up", "config check" })
        {
            var (status, lines) = await SaidAsync([.. command.Split(' '), .. flags], variables);
            Assert.Equal(2, status);
            Assert.Single(lines, line => line.StartsWith(
                "samovar: " + expected.Replace("{command}", command, StringComparison.Ordinal), StringComparison.Ordinal));
            Assert.All(lines, line => Assert.StartsWith("samovar: ", line, StringComparison.Ordinal)); // no stack trace
            said.Add([.. lines.Select(line => line.Replace($"samovar {command}", "", StringComparison.Ordinal))]);
        }
        Assert.Equal(said[0], said[1]);
        Assert.InRange(said[0].Length, 1, 3);
    }

    private static async Task<(int Status, string[] Lines)> SaidAsync(string[] arguments, Dictionary<string, string> variables)
    {
        var error = new StringWriter();
        var status = await SamovarCommand.RunAsync(arguments, TimeProvider.System, new Shell(new StringWriter(), error, variables));
        return (status, error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    /// <summary>A file with a head and no tensors: enough to be a model's for whoever does not load it.</summary>
    private async Task<string> SmallModelAsync()
    {
        var path = Path.Combine(_folder.FullName, "small.gguf");
        await File.WriteAllBytesAsync(path, [.. "GGUF"u8, 3, 0, 0, 0, .. new byte[16]], TestContext.Current.CancellationToken);
        return path;
    }
}
