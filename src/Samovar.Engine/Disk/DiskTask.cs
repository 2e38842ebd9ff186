namespace Samovar.Engine.Disk;

/// <summary>What the writer is to do.</summary>
internal abstract record DiskTask
{
    private DiskTask() { }

    public sealed record Write(DiskPiece Piece, NativeBytes Body) : DiskTask;

    public sealed record Forget(string Scope, string Id) : DiskTask;
}
