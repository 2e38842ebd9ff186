namespace Samovar.Engine.Disk;

/// <summary>Files that together have the state of a prompt's start.</summary>
/// <param name="Rows">Those with rows, in their order; each begins where the one before it is of use, or earlier.</param>
/// <param name="Point">The checkpoint at the end.</param>
/// <param name="Depth">Tokens that can be had at least.</param>
/// <param name="Until">Tokens that are of use at most.</param>
internal sealed record DiskPlan(IReadOnlyList<DiskPiece> Rows, DiskPiece? Point, int Depth, int Until)
{
    public IEnumerable<DiskPiece> Pieces => Point is null ? Rows : Rows.Append(Point);

    public long Bytes => Pieces.Sum(piece => piece.Head.BodyBytes);

    public static DiskPlan Of(List<DiskPiece> rows, DiskPiece? point, int depth, int until) =>
        new([.. rows.Where(piece => piece.Head.Start < depth)], point, depth, until);
}
