using System.Globalization;
using Samovar.Cli.Agents;
using Samovar.Cli.Connect.Checks;
using Samovar.Cli.Connect.Edits;
using Samovar.Cli.Connect.Setups;
using Samovar.Escaping;

namespace Samovar.Cli.Connect;

/// <summary>Does what <c>samovar connect</c> is asked for, and says what came of it.</summary>
/// <remarks>
/// 1 the server is asked for its models; 2 all files are read and edited in memory, so that what cannot be edited stops everything before
/// anything is written; 3 the differences are shown and agreed to; 4 the files are written, each whole; 5 two turns try it.
/// </remarks>
internal sealed class ConnectRun(AgentHome home, TimeProvider time, TextReader input, TextWriter output, TextWriter error)
{
    /// <param name="Without">What the file would be if it had never been connected.</param>
    /// <param name="Written">The same with ours in it.</param>
    private sealed record Change(ConnectFile File, string Text, FileState Without, string Written);

    /// <returns>0 well, 1 it was not agreed to, or the turns failed.</returns>
    /// <exception cref="UsageException">A file cannot be edited; nothing was changed.</exception>
    public async Task<int> ConnectAsync(ConnectWish wish, Uri server, string? key, CancellationToken userGone)
    {
        using var models = new ServedModels(server, key);
        var model = await models.FindAsync(wish.Model, userGone); // :: 1
        var target = new ConnectTarget(server, key, wish.KeyName, model.Name, model.ContextTokens, wish.IsDefault);
        var catalogue = wish.HasCatalogueFile ? await models.CodexCatalogueAsync(userGone) : null;
        var plan = wish.Agent.Plan(target, home, catalogue);
        var changes = plan.Files.Select(Edited).Where(static change => change.Text != change.File.Text).ToList(); // :: 2
        foreach (var line in plan.Lines) Say(line);
        if (plan.Files.Count == 0) return 0;
        foreach (var change in changes) Show(change, key); // :: 3
        if (changes.Count == 0) Say("All of it is there already.");
        if (wish.OnlyPrints) return 0;
        if (changes.Count > 0 && !wish.IsAgreed && !IsAgreed(userGone)) return Complaint.Fail(error, "Nothing was changed.");
        Write(changes); // :: 4
        if (changes.Count > 0) Say($"Written. samovar connect {wish.Agent.Name} --undo makes it what it was.");
        var isWell = !wish.Checks || await TryAsync(plan.Wire!.Value, target, userGone); // :: 5
        Say(plan.Next);
        return isWell ? 0 : 1;
    }

    private static Change Edited(FilePlan plan)
    {
        var file = ConnectFile.Read(plan.Path);
        try
        {
            var without = file.Without(plan.Edit);
            var written = plan.Edit.Apply(without.Text);
            var text = file.IsOursAlone ? written : file.Kept is null || !file.Exists ? plan.Edit.Apply(file.Text)
                : plan.Edit.Renew(file.Text, file.Kept.Written, written);
            if (text != file.Text) file.CheckWritable();
            return new Change(file, text, without, written);
        }
        catch (UsageException fault) when (!fault.Message.StartsWith(plan.Path, StringComparison.Ordinal))
        {
            throw new UsageException($"{plan.Path}: {fault.Message}. Nothing was changed.");
        }
    }

    private static void Write(List<Change> changes)
    {
        var written = new List<Change>();
        try
        {
            foreach (var change in changes)
            {
                change.File.Write(change.Text, change.Without, change.Written);
                written.Add(change);
            }
        }
        catch (UsageException)
        {
            foreach (var change in written) change.File.TakeBack(); // all or nothing
            throw;
        }
        foreach (var change in written) change.File.Settle();
    }

    private async Task<bool> TryAsync(AgentWire wire, ConnectTarget target, CancellationToken userGone)
    {
        Say("Trying two turns …");
        var report = await new TrialTurns(target, time).RunAsync(wire, userGone);
        if (report.Trouble is { } trouble)
        {
            Complaint.Write(error, $"It was written, but a turn fails ({report.Transport}): {TextDiff.Masked(trouble, target.Key)}");
            return false;
        }
        var tokens = string.Create(
            CultureInfo.InvariantCulture, $"{report.InputTokens:N0} tokens of input, {report.CachedTokens:N0} of them cached");
        Say($"It works: {report.Transport}, model {report.Model ?? target.Model}, second turn {tokens}.");
        return true;
    }

    /// <returns>0 well, 1 nothing is connected.</returns>
    /// <exception cref="UsageException">A file cannot be edited.</exception>
    public int Undo(ConnectWish wish, CancellationToken userGone)
    {
        // Where the files are, and which of their places are ours, is the same whatever server was written there.
        var any = new ConnectTarget(new Uri("http://127.0.0.1"), null, null, "any", 1, IsDefault: true);
        var files = wish.Agent.Plan(any, home, "").Files.Select(plan => (File: ConnectFile.Read(plan.Path), plan.Edit))
            .Where(static one => one.File.Kept is not null).ToList();
        if (files.Count == 0) return Complaint.Fail(error, $"{wish.Agent.Name} was not connected here: nothing to undo.");
        var changes = files.Select(static one => (one.File, Without: Without(one.File, one.Edit))).ToList();
        foreach (var (file, without) in changes)
        {
            foreach (var line in (string[])[file.Path, .. TextDiff.Lines(file.Text, without.Text, null)]) Say(line);
            if (!wish.OnlyPrints) file.CheckWritable();
        }
        if (wish.OnlyPrints) return 0;
        if (!wish.IsAgreed && !IsAgreed(userGone)) return Complaint.Fail(error, "Nothing was changed.");
        foreach (var (file, without) in changes) file.Restore(without);
        Say("It is as it was.");
        foreach (var (file, _) in changes.Where(static one => one.File.Exists && !one.File.IsUntouched && one.Without.Exists))
            Say($"What was written to {file.Path} since is still there.");
        return 0;
    }

    private static FileState Without(ConnectFile file, FileEdit edit)
    {
        try { return file.Without(edit); }
        catch (UsageException fault)
        {
            throw new UsageException($"{file.Path}: {fault.Message}. What it was is in {file.Kept!.Path}. Nothing was changed.");
        }
    }

    private void Show(Change change, string? key)
    {
        Say(change.File.Exists ? change.File.Path : change.File.Path + " (new)");
        foreach (var line in TextDiff.Lines(change.File.Text, change.Text, key)) Say("  " + line);
    }

    private bool IsAgreed(CancellationToken userGone)
    {
        output.Write("Write this? [y/N] ");
        return TypedLine.Read(input, userGone)?.Trim() is "y" or "Y" or "yes";
    }

    private void Say(string line) => output.WriteLine(ForeignText.OneLine(line));
}
