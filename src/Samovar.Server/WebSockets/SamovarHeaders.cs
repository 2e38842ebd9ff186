namespace Samovar.Server.WebSockets;

/// <summary>Header names of Samovar's own.</summary>
internal static class SamovarHeaders
{
    /// <summary>On the answer to an upgrade: this server understands frames without a type, and takes settings over in them.</summary>
    public const string Server = "x-samovar";

    /// <summary>On an upgrade: the client can resume a turn whose events it lost. On its answer: so does this server.</summary>
    public const string Resume = "x-samovar-resume";
}
