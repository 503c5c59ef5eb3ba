using System.Text;
using Notify.Core.Protocol;
using Notify.Core.Types;
using Notify.Ctl.CommandLine;
using Notify.Ctl.Output;
using Notify.Ctl.Types;

namespace Notify.Ctl.Commands;

/// <summary>Shows the objects as tables that stay in place and are drawn again after each change. For terminals; dispose it to get the screen back.</summary>
internal sealed class WatchTable : IWatchView, IDisposable
{
    private readonly CommandContext _context;
    private readonly Dictionary<ObjectId, (KnownType Type, ObjectView View)> _objects = [];
    private MirrorPosition? _position;
    private bool _isOpen;

    public WatchTable(CommandContext context) => _context = context;

    public void Show(WatchedChange change)
    {
        if (change is { Type: { } type, View: { } view })
            _objects[change.Id] = (type, view);
        else
            _objects.Remove(change.Id);
    }

    public void EndView(MirrorPosition position, bool isInitial, int count) => _position = position;

    public Task FlushAsync()
    {
        if (_position is not null) // Not before the first state is whole.
            Draw();
        return _context.Out.Writer.FlushAsync(CancellationToken.None);
    }

    /// <summary>Leaves the last state behind, where it can be scrolled back to.</summary>
    public void Dispose()
    {
        if (!_isOpen)
            return;
        _context.Out.Writer.Write(ScreenText.Leave);
        _context.Out.Writer.Write(Render());
        _context.Out.Writer.Flush();
    }

    private void Draw()
    {
        var writer = _context.Out.Writer;
        if (!_isOpen)
            writer.Write(ScreenText.Enter);
        _isOpen = true;
        var (width, height) = _context.Out.Size();
        writer.Write(ScreenText.Frame(Render().TrimEnd('\n').Split('\n'), width, height));
    }

    private string Render()
    {
        StringBuilder text = new();
        using StringWriter lines = new(text) { NewLine = "\n" };
        var terminal = _context.Out.To(lines);
        var revision = _position?.StoredRevision ?? 0;
        terminal.Line(terminal.Paint($"{_context.Node.Address}  revision {revision}  {_objects.Count} {(_objects.Count == 1 ? "object" : "objects")}  (Ctrl-C ends)", Ink.Grey));
        var views = _objects.Values.OrderBy(of => of.Type.Rank).Select(of => of.View).ToList();
        new ObjectWriter(terminal, _context.Error, _context.Types, withRevisions: false).WriteAll(views, OutputFormat.Table);
        return text.ToString();
    }
}
