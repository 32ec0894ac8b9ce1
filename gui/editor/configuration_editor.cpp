#include "gui/editor/configuration_editor.h"

#include "gui/editor/configuration_highlighter.h"
#include "gui/editor/option_help.h"

#include <QKeyEvent>
#include <QRegularExpression>
#include <QToolTip>
#include <Qsci/qscistyledtext.h>

#include <algorithm>
#include <map>

namespace signalbox::gui {

namespace {

constexpr int kNumberMargin = 0;
constexpr int kMarkMargin = 1;
constexpr int kHoverMilliseconds = 400;
/// So many letters are typed before names are offered unasked.
constexpr std::size_t kOfferAfter = 2;

long fromColor(QColor const& color) {
    return color.red() | (color.green() << 8) | (color.blue() << 16);
}

bool isCompletionKey(QKeyEvent const& event) {
    return event.key() == Qt::Key_Space && event.modifiers() == Qt::ControlModifier;
}

}  // namespace

ConfigurationEditor::ConfigurationEditor(Theme const& theme, QWidget* parent)
    : QsciScintilla(parent),
      theme_(theme),
      highlighter_(new ConfigurationHighlighter(theme, this)) {
    setAccessibleName(tr("Configuration"));
    setAccessibleDescription(
        tr("The text of the configuration. Control+Space completes, F6 leaves the editor."));
    setUtf8(true);
    setEolMode(EolUnix);
    setTabWidth(4);
    setIndentationWidth(4);
    setIndentationsUseTabs(false);
    setAutoIndent(true);
    setBackspaceUnindents(true);
    setBraceMatching(SloppyBraceMatch);
    setMarginLineNumbers(kNumberMargin, true);
    setMarginWidth(kNumberMargin, QStringLiteral("00000"));
    setMarginType(kMarkMargin, SymbolMargin);
    setMarginWidth(kMarkMargin, 14);
    setAnnotationDisplay(AnnotationIndented);
    setWrapMode(WrapNone);
    setScrollWidth(10);
    setScrollWidthTracking(true);
    errorMark_ = markerDefine(Circle);
    warningMark_ = markerDefine(RightTriangle);
    setMarginMarkerMask(kMarkMargin, (1 << errorMark_) | (1 << warningMark_));
    indicator_ = indicatorDefine(SquiggleIndicator);
    setLexer(highlighter_);
    SendScintilla(SCI_SETMOUSEDWELLTIME, kHoverMilliseconds);
    SendScintilla(SCI_AUTOCSETIGNORECASE, 1);
    SendScintilla(SCI_AUTOCSETORDER, SC_ORDER_PERFORMSORT);
    SendScintilla(SCI_AUTOCSETMAXHEIGHT, 12);
    SendScintilla(SCI_SETEXTRAASCENT, 2);
    SendScintilla(SCI_SETEXTRADESCENT, 2);
    connect(this, &QsciScintilla::cursorPositionChanged, this, &ConfigurationEditor::placeChanged);
    connect(this, &QsciScintillaBase::SCN_CHARADDED, this, &ConfigurationEditor::characterAdded);
    connect(this, &QsciScintillaBase::SCN_DWELLSTART, this, &ConfigurationEditor::showTip);
    connect(this, &QsciScintillaBase::SCN_DWELLEND, this, [] { QToolTip::hideText(); });
    connect(&theme_, &Theme::changed, this, &ConfigurationEditor::takeColors);
    takeColors();
}

void ConfigurationEditor::takeColors() {
    ThemeTokens const& tokens = theme_.tokens();
    highlighter_->takeColors();
    setPaper(tokens.base);
    setColor(tokens.text);
    setCaretForegroundColor(tokens.text);
    setCaretWidth(2);
    setCaretLineVisible(true);
    setCaretLineBackgroundColor(tokens.alternate);
    setSelectionBackgroundColor(tokens.accent);
    setSelectionForegroundColor(tokens.onAccent);
    setMarginsBackgroundColor(tokens.base);
    setMarginsForegroundColor(tokens.muted);
    setMarginsFont(Theme::monospace());
    setMatchedBraceBackgroundColor(tokens.selection);
    setMatchedBraceForegroundColor(tokens.text);
    setUnmatchedBraceBackgroundColor(tokens.base);
    setUnmatchedBraceForegroundColor(tokens.error);
    setIndicatorForegroundColor(tokens.error, indicator_);
    setMarkerBackgroundColor(tokens.error, errorMark_);
    setMarkerForegroundColor(tokens.error, errorMark_);
    setMarkerBackgroundColor(tokens.warning, warningMark_);
    setMarkerForegroundColor(tokens.warning, warningMark_);
    SendScintilla(SCI_STYLESETBACK, STYLE_LINENUMBER, fromColor(tokens.base));
}

std::string ConfigurationEditor::bytes() const {
    auto const size = static_cast<std::size_t>(SendScintilla(SCI_GETLENGTH));
    auto const* const start =
        reinterpret_cast<char const*>(SendScintillaPtrResult(SCI_GETCHARACTERPOINTER));
    return {start, size};
}

void ConfigurationEditor::setBytes(std::string const& bytes) {
    SendScintilla(SCI_CLEARALL);
    SendScintilla(SCI_ADDTEXT, static_cast<unsigned long>(bytes.size()), bytes.data());
    SendScintilla(SCI_EMPTYUNDOBUFFER);
    setModified(false);
    setCursorPosition(0, 0);
    SendScintilla(SCI_SETFIRSTVISIBLELINE, 0UL);
    showProblems({});
}

void ConfigurationEditor::showProblems(std::vector<ConfigurationProblem> const& problems) {
    clearAnnotations();
    markerDeleteAll(errorMark_);
    markerDeleteAll(warningMark_);
    clearIndicatorRange(0, 0, lines(), 0, indicator_);
    std::map<int, QList<QsciStyledText>> notes;
    for (ConfigurationProblem const& problem : problems) {
        if (!problem.file.isEmpty() || problem.line < 1 || problem.line > lines()) {
            continue;
        }
        int const line = problem.line - 1;
        bool const error = problem.severity == ConfigurationProblem::Severity::Error;
        markerAdd(line, error ? errorMark_ : warningMark_);
        int const style =
            error ? ConfigurationHighlighter::kErrorNote : ConfigurationHighlighter::kWarningNote;
        QList<QsciStyledText>& under = notes[line];
        under.append(QsciStyledText(
            (under.isEmpty() ? QString() : QStringLiteral("\n")) + problem.text, style));
        QString const text = this->text(line);
        qsizetype end = text.size();
        while (end > 0 && text[end - 1].isSpace()) {
            --end;
        }
        qsizetype from = std::clamp<qsizetype>(problem.column, 0, end);
        while (from < end && text[from].isSpace()) {
            ++from;
        }
        fillIndicatorRange(line, static_cast<int>(from), line, static_cast<int>(end), indicator_);
    }
    for (auto const& [line, under] : notes) {
        annotate(line, under);
    }
}

void ConfigurationEditor::goTo(int line, int column) {
    int const last = std::max(0, lines() - 1);
    int const to = std::clamp(line - 1, 0, last);
    setCursorPosition(to, std::max(0, column));
    ensureLineVisible(to);
    ensureCursorVisible();
    setFocus();
}

TextPlace ConfigurationEditor::place() const {
    return placeAt(bytes(), static_cast<std::size_t>(SendScintilla(SCI_GETCURRENTPOS)));
}

void ConfigurationEditor::complete() {
    TextPlace const here = place();
    QStringList offers;
    if (here.at_key) {
        offers = keysIn(here.path);
    } else if (config::Key const* const key = keyIn(here.path, here.key)) {
        offers = valuesOf(*key);
    }
    auto const cursor = static_cast<std::size_t>(SendScintilla(SCI_GETCURRENTPOS));
    std::size_t const typed = cursor - here.begin;
    QString const start = QString::fromStdString(here.word.substr(0, typed));
    offers =
        offers.filter(QRegularExpression(QStringLiteral("^") + QRegularExpression::escape(start),
                                         QRegularExpression::CaseInsensitiveOption));
    bool const done = offers.size() == 1 && offers.front() == start;
    if (offers.isEmpty() || done) {
        SendScintilla(SCI_AUTOCCANCEL);
        return;
    }
    SendScintilla(SCI_AUTOCSETSEPARATOR, static_cast<unsigned long>(' '));
    SendScintilla(SCI_AUTOCSHOW, static_cast<unsigned long>(typed),
                  offers.join(QLatin1Char(' ')).toUtf8().constData());
}

void ConfigurationEditor::characterAdded(int character) {
    emit placeChanged();
    bool const letter = character == '_' || (character >= 'a' && character <= 'z');
    if (!letter || SendScintilla(SCI_AUTOCACTIVE) != 0) {
        return;
    }
    TextPlace const here = place();
    if (here.at_key && here.word.size() >= kOfferAfter) {
        complete();
    }
}

void ConfigurationEditor::showTip(int position, int x, int y) {
    if (position < 0) {
        return;
    }
    TextPlace const there = placeAt(bytes(), static_cast<std::size_t>(position));
    if (there.word.empty()) {
        return;
    }
    if (config::Key const* const key = keyIn(there.path, there.key)) {
        QToolTip::showText(mapToGlobal(QPoint(x, y)), helpLine(*key), this);
    }
}

bool ConfigurationEditor::event(QEvent* event) {
    // The window has another use for these keys, everywhere but here.
    if (event->type() == QEvent::ShortcutOverride &&
        isCompletionKey(*static_cast<QKeyEvent*>(event))) {
        event->accept();
        return true;
    }
    return QsciScintilla::event(event);
}

void ConfigurationEditor::keyPressEvent(QKeyEvent* event) {
    if (isCompletionKey(*event)) {
        complete();
        return;
    }
    // Tab indents here, so another key has to lead out.
    if (event->key() == Qt::Key_F6) {
        // The widget's own version keeps the keys here.
        QWidget::focusNextPrevChild(!event->modifiers().testFlag(Qt::ShiftModifier));
        return;
    }
    QsciScintilla::keyPressEvent(event);
}

}  // namespace signalbox::gui
