namespace Samovar.Engine.Tests;

/// <summary>Where the program's own files are looked for: in its repository, or beside it.</summary>
public sealed class InstallationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-installation-").FullName;

    [Fact]
    public void FromItsSource_TheRepositoryIsAbove()
    {
        var program = Make("artifacts/program/bin");
        Make("artifacts/models"); // of something else
        var models = Make("models");
        File.WriteAllText(Path.Combine(_folder, "Samovar.slnx"), "");
        var here = Installation.Of(program, isInstalled: false);
        Assert.Equal((_folder, models, null, "./samovar"), (here.Root, here.Models, here.Native, here.Command));
        Assert.Equal("./samovar setup --device cuda", here.WayToLibrary("cuda"));
    }

    [Fact]
    public void Installed_OnlyWhatLiesBesideIt_IsItsOwn()
    {
        Make("models");
        File.WriteAllText(Path.Combine(_folder, "Samovar.slnx"), "");
        var program = Make("opt/samovar");
        var here = Installation.Of(program, isInstalled: true);
        Assert.Equal((null, null, "samovar"), (here.Models, here.Native, here.Command));
        var native = Make("opt/samovar/native");
        Assert.Equal(native, here.Native);
        Assert.Contains("--library", here.WayToLibrary(null), StringComparison.Ordinal);
    }

    [Fact]
    public void TakenOutOfItsRepository_ItHasNothing()
    {
        Make("models");
        Assert.Equal(new Installation(null, false), Installation.Of(Make("bin"), isInstalled: false));
    }

    [Fact]
    public void ThisProcess_RunsFromItsSource() => Assert.False(Installation.Current.IsInstalled);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Make(string path) => Directory.CreateDirectory(Path.Combine(_folder, path)).FullName;
}
