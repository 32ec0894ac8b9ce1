#include "gui/pages/configuration_page.h"

#include "gui/editor/configuration_editor.h"
#include "gui/editor/option_help.h"
#include "gui/editor/resolved_text.h"
#include "gui/icons.h"
#include "gui/widgets/empty_state.h"
#include "gui/widgets/live_table.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSplitter>
#include <QTabWidget>
#include <QTextBrowser>
#include <QToolButton>
#include <QVBoxLayout>

namespace signalbox::gui {

namespace {

constexpr char const* kFirstLines =
    "# Clients of this machine alone; figures for tools at http://127.0.0.1:8222.\n"
    "listen: \"127.0.0.1:4222\"\n"
    "http: \"127.0.0.1:8222\"\n"
    "server_name: workbench\n";

QString roleOf(Tone tone) {
    switch (tone) {
        case Tone::Good:
            return QStringLiteral("good");
        case Tone::Warning:
            return QStringLiteral("warning");
        case Tone::Error:
            return QStringLiteral("error");
        case Tone::Plain:
        case Tone::Muted:
        case Tone::Accent:
            break;
    }
    return QStringLiteral("muted");
}

/// The innermost block that has a name.
QString blockName(std::vector<std::string> const& path) {
    for (auto part = path.rbegin(); part != path.rend(); ++part) {
        if (*part != "[]") {
            return QString::fromStdString(*part);
        }
    }
    return {};
}

QString errorsText(int count) {
    return count == 1 ? ConfigurationPage::tr("1 error")
                      : ConfigurationPage::tr("%1 errors").arg(count);
}

void setRole(QLabel& label, Tone tone) {
    label.setProperty("role", roleOf(tone));
    label.style()->unpolish(&label);
    label.style()->polish(&label);
}

}  // namespace

ConfigurationPage::ConfigurationPage(PageContext const& context)
    : Page(context,
           {QStringLiteral("configuration"), tr("Configuration"), QStringLiteral("configuration")}),
      file_(new ConfigurationFile(this)),
      editorCheck_(new ConfigurationChecker(this)),
      fileCheck_(new ConfigurationChecker(this)),
      problems_(new ProblemModel(this)),
      changes_(new ChangeModel(this)) {
    makeActions();
    makeEditor();
    auto* const upper = new QSplitter(Qt::Horizontal);
    upper->addWidget(editor_);
    upper->addWidget(help_);
    upper->setStretchFactor(0, 1);
    upper->setSizes({760, 300});
    auto* const whole = new QSplitter(Qt::Vertical);
    whole->addWidget(upper);
    whole->addWidget(makeLists());
    whole->setStretchFactor(0, 1);
    whole->setSizes({480, 190});
    outcome_ = new QLabel;
    outcome_->setWordWrap(true);
    outcome_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    outcome_->setAccessibleName(tr("Outcome"));
    outcome_->hide();
    body().addWidget(outcome_);
    body().addWidget(whole, 1);

    auto* const empty = new EmptyState(
        QStringLiteral("configuration"), tr("No configuration is open"),
        tr("A broker's configuration would be here: checked while you write, compared with what "
           "runs, and applied without a restart where that is possible."));
    empty->addAction(context.actions.get(QStringLiteral("configuration.open")));
    empty->addAction(context.actions.get(QStringLiteral("configuration.new")));
    setEmptyState(empty);

    connect(editorCheck_, &ConfigurationChecker::checked, this, &ConfigurationPage::takeChecked);
    connect(fileCheck_, &ConfigurationChecker::checked, this, [this](CheckResult const& result) {
        inFile_ = result.configuration;
        compare();
    });
    connectSource();
    showState();
}

void ConfigurationPage::makeActions() {
    Actions& actions = context().actions;
    QString const group = tr("Configuration");
    auto const add = [&](char const* id, QString const& text, char const* picture,
                         QKeySequence const& keys, auto run) {
        return actions.add({.id = QStringLiteral("configuration.") + QLatin1String(id),
                            .text = text,
                            .icon = QLatin1String(picture),
                            .shortcut = keys,
                            .group = group},
                           [this, run] {
                               emit context().navigation.pageWanted(title().id);
                               (this->*run)();
                           });
    };
    QAction* const open = add("open", tr("Open a configuration…"), "open", QKeySequence::Open,
                              &ConfigurationPage::chooseFile);
    add("new", tr("New configuration"), "add", {}, &ConfigurationPage::newFile);
    QAction* const save = add("save", tr("Save the configuration"), "save", QKeySequence::Save,
                              &ConfigurationPage::save);
    add("saveAs", tr("Save the configuration as…"), "save", {}, &ConfigurationPage::saveAs);
    QAction* const reload = add("reload", tr("Reload the broker"), "reload",
                                QKeySequence(Qt::Key_F5), &ConfigurationPage::reload);
    reload->setToolTip(tr("Give the running broker what is written here (F5)"));
    QAction* const start = add("start", tr("Start from this configuration"), "play",
                               QKeySequence(Qt::SHIFT | Qt::Key_F5), &ConfigurationPage::start);

    name_ = new QLabel;
    name_->setProperty("role", "muted");
    name_->setAccessibleName(tr("File"));
    verdict_ = new QLabel;
    verdict_->setAccessibleName(tr("Verdict"));
    addTool(open);
    addTool(save);
    tools().addSpacing(kSpace);
    tools().addWidget(name_);
    tools().addSpacing(kSpace);
    tools().addWidget(verdict_);
    tools().addStretch(1);
    addTool(reload, Qt::ToolButtonTextBesideIcon);
    addTool(start, Qt::ToolButtonTextBesideIcon);
}

void ConfigurationPage::makeEditor() {
    editor_ = new ConfigurationEditor(context().theme);
    help_ = new QTextBrowser;
    help_->setAccessibleName(tr("Help for the key at the cursor"));
    help_->setOpenLinks(false);
    connect(editor_, &QsciScintilla::textChanged, this, &ConfigurationPage::textChanged);
    connect(editor_, &QsciScintilla::modificationChanged, this, [this] { showState(); });
    connect(editor_, &ConfigurationEditor::placeChanged, this, &ConfigurationPage::showPlace);
    connect(file_, &ConfigurationFile::opened, this, [this] {
        used_ = true;
        editor_->setBytes(*file_->bytes());
        tell(Tone::Muted, {});
        fileKnown();
        textChanged();
        if (int const line = std::exchange(line_, 0); line > 0) {
            editor_->goTo(line, 0);
        }
    });
    connect(file_, &ConfigurationFile::saved, this, [this] {
        bool const same = editor_->bytes() == file_->bytes();
        editor_->setModified(!same);
        emit context().navigation.said(tr("Saved: %1").arg(file_->path()));
        fileKnown();
        go(std::exchange(next_, Next::Nothing));
        showState();
    });
    connect(file_, &ConfigurationFile::changedOnDisk, this, [this] {
        fileKnown();
        if (!editor_->isModified()) {
            editor_->setBytes(*file_->bytes());
            textChanged();
            tell(Tone::Warning, tr("Another program wrote the file; this is what it holds now."));
        } else {
            tell(Tone::Warning, tr("Another program wrote the file. What you wrote is kept here; "
                                   "saving replaces theirs. See Differences."));
        }
    });
    connect(file_, &ConfigurationFile::failed, this, [this](QString const& why) {
        next_ = Next::Nothing;
        tell(Tone::Error, why);
        if (!used_) {
            findChild<EmptyState*>()->setText(why);
        }
        emit context().navigation.said(why);
    });
}

QWidget* ConfigurationPage::makeLists() {
    problemTable_ = new LiveTable(context().theme, tr("Problems"));
    problemTable_->setModel(problems_);
    problemTable_->setColumnWidths({86, 170, 400}, ProblemModel::Text);
    problemTable_->setEmptyText(tr("Nothing is wrong with this configuration."));
    connect(problemTable_, &QAbstractItemView::activated, this, [this](QModelIndex const& index) {
        ConfigurationProblem const* const problem = problems_->problemAt(index.row());
        if (problem != nullptr && problem->file.isEmpty() && problem->line > 0) {
            editor_->goTo(problem->line, problem->column);
        }
    });
    connect(problemTable_, &QAbstractItemView::doubleClicked, problemTable_,
            &QAbstractItemView::activated);
    auto* const changes = new LiveTable(context().theme, tr("Differences"));
    changes->setObjectName(QStringLiteral("configuration.changes"));
    changes->setModel(changes_);
    changes->setColumnWidths({180, 190, 190, 190, 150}, ChangeModel::Editor);
    changes->setEmptyText(tr("What runs, the file and the editor say the same."));
    restoreColumns(*changes, changes->objectName());
    resolved_ = new QPlainTextEdit;
    resolved_->setReadOnly(true);
    resolved_->setFont(Theme::monospace());
    resolved_->setLineWrapMode(QPlainTextEdit::NoWrap);
    resolved_->setAccessibleName(tr("Configuration with variables and includes resolved"));
    lists_ = new QTabWidget;
    lists_->setDocumentMode(true);
    lists_->setAccessibleName(tr("About this configuration"));
    lists_->addTab(problemTable_, tr("Problems"));
    lists_->addTab(changes, tr("Differences"));
    lists_->addTab(resolved_, tr("Resolved"));
    return lists_;
}

void ConfigurationPage::connectSource() {
    DataSource& source = context().source;
    connect(&source, &DataSource::configurationChanged, this, &ConfigurationPage::compare);
    connect(&source, &DataSource::finished, this, &ConfigurationPage::jobFinished);
    connect(&source, &DataSource::stateChanged, this, [this](BrokerState state) {
        if (state == BrokerState::Stopped && std::exchange(restarting_, false)) {
            applyStart();
        }
        compare();
    });
}

void ConfigurationPage::open(QString const& path) {
    file_->open(path);
}

void ConfigurationPage::openAndStart(QString const& path) {
    next_ = Next::Start;
    file_->open(path);
}

void ConfigurationPage::showLine(QString const& file, int line) {
    bool const here = used_ && (file.isEmpty() || file == file_->path() || file_->path().isEmpty());
    if (here) {
        editor_->goTo(line, 0);
    } else if (mayForget(tr("Open %1?").arg(file))) {
        line_ = line;
        open(file);
    }
}

void ConfigurationPage::chooseFile() {
    if (!mayForget(tr("Open another configuration?"))) {
        return;
    }
    QString const path = QFileDialog::getOpenFileName(
        this, tr("Open a configuration"), QFileInfo(file_->path()).path(),
        tr("Configurations (*.conf *.cfg *.json);;All files (*)"));
    if (!path.isEmpty()) {
        open(path);
    }
}

void ConfigurationPage::newFile() {
    if (!mayForget(tr("Begin a new configuration?"))) {
        return;
    }
    used_ = true;
    file_->forget();
    editor_->setBytes(kFirstLines);
    tell(Tone::Muted, {});
    fileKnown();
    textChanged();
    editor_->setFocus();
}

void ConfigurationPage::save() {
    if (!used_) {
        return;
    }
    if (file_->path().isEmpty()) {
        saveAs();
    } else {
        file_->save(file_->path(), editor_->bytes());
    }
}

void ConfigurationPage::saveAs() {
    if (!used_) {
        return;
    }
    QString const path = QFileDialog::getSaveFileName(
        this, tr("Save the configuration"),
        file_->path().isEmpty() ? QStringLiteral("signalbox.conf") : file_->path(),
        tr("Configurations (*.conf);;All files (*)"));
    if (path.isEmpty()) {
        next_ = Next::Nothing;
    } else {
        file_->save(path, editor_->bytes());
    }
}

bool ConfigurationPage::mayForget(QString const& question) {
    if (!used_ || !editor_->isModified() || !context().settings.remembers()) {
        return true;
    }
    QMessageBox box(this);
    box.setIcon(QMessageBox::Question);
    box.setText(question);
    box.setInformativeText(
        tr("What you wrote in %1 since it was saved would be lost.")
            .arg(file_->path().isEmpty() ? tr("the new configuration") : file_->path()));
    QPushButton* const lose = box.addButton(tr("Discard it"), QMessageBox::DestructiveRole);
    box.setDefaultButton(box.addButton(tr("Keep it"), QMessageBox::RejectRole));
    box.exec();
    return box.clickedButton() == lose;
}

bool ConfigurationPage::mayClose() {
    return mayForget(tr("Close with a configuration that is not saved?"));
}

void ConfigurationPage::reload() {
    if (!used_) {
        return;
    }
    if (context().source.state() != BrokerState::Running) {
        tell(Tone::Warning, tr("No broker runs that could reload. Start one from this "
                               "configuration."));
        return;
    }
    saveThen(Next::Reload);
}

void ConfigurationPage::start() {
    if (used_) {
        saveThen(Next::Start);
    }
}

/// What runs and what its file says shall not drift apart, so a file is written first.
void ConfigurationPage::saveThen(Next next) {
    if (!editorCheck_->settled()) {
        next_ = next;
        editorCheck_->checkNow(editor_->bytes(), file_->path());
        return;
    }
    if (inEditor_ && editor_->isModified() && !file_->path().isEmpty()) {
        next_ = next;
        save();
        return;
    }
    go(next);
}

void ConfigurationPage::go(Next next) {
    switch (next) {
        case Next::Nothing:
            break;
        case Next::Reload:
            applyReload();
            break;
        case Next::Start:
            applyStart();
            break;
    }
}

void ConfigurationPage::applyReload() {
    if (!inEditor_) {
        lists_->setCurrentWidget(problemTable_);
        tell(Tone::Error,
             tr("Not reloaded, for there are mistakes (%1). The broker goes on as it was.")
                 .arg(errorsText(problems_->errors())));
        return;
    }
    if (changes_->rows().empty() && context().source.running()) {
        tell(Tone::Good, tr("The broker runs with exactly this already."));
        return;
    }
    reloading_ = context().source.reload(inEditor_);
    if (reloading_ == 0) {
        tell(Tone::Warning, tr("This broker cannot be given a configuration from here."));
    }
}

void ConfigurationPage::applyStart() {
    if (!inEditor_) {
        lists_->setCurrentWidget(problemTable_);
        tell(Tone::Error,
             tr("Not started, for there are mistakes (%1).").arg(errorsText(problems_->errors())));
        return;
    }
    DataSource& source = context().source;
    if (source.state() == BrokerState::Running) {
        restarting_ = true;
        source.stopBroker();
        return;
    }
    if (source.state() == BrokerState::Stopped) {
        tell(Tone::Muted, {});
        BrokerOptions options;
        options.configuration = inEditor_;
        source.startBroker(options);
    }
}

void ConfigurationPage::jobFinished(Job const& job) {
    if (reloading_ == 0 || job.token != reloading_) {
        return;
    }
    reloading_ = 0;
    if (job.ok()) {
        tell(Tone::Good, tr("Reloaded: the broker runs with this configuration."));
    } else {
        tell(Tone::Error, tr("Not reloaded: %1. The broker goes on as it was.").arg(job.error));
    }
    compare();
}

void ConfigurationPage::textChanged() {
    used_ = true;
    editorCheck_->checkSoon(editor_->bytes(), file_->path());
    showState();
    showPlace();
}

void ConfigurationPage::fileKnown() {
    inFile_.reset();
    if (file_->bytes()) {
        fileCheck_->checkNow(*file_->bytes(), file_->path());
    }
    compare();
}

void ConfigurationPage::takeChecked(CheckResult const& result) {
    inEditor_ = result.configuration;
    problems_->show(result.problems);
    editor_->showProblems(result.problems);
    resolved_->setPlainText(inEditor_ ? resolvedText(*inEditor_)
                                      : tr("There is nothing to resolve while there are errors."));
    compare();
    if (Next const next = std::exchange(next_, Next::Nothing); next != Next::Nothing) {
        saveThen(next);
    }
}

void ConfigurationPage::compare() {
    changes_->show(compareConfigurations(context().source.running(), inFile_, inEditor_));
    lists_->setTabText(0, problems_->rowCount() == 0
                              ? tr("Problems")
                              : tr("Problems (%1)").arg(problems_->rowCount()));
    lists_->setTabText(1, changes_->rowCount() == 0
                              ? tr("Differences")
                              : tr("Differences (%1)").arg(changes_->rowCount()));
    showState();
}

void ConfigurationPage::showPlace() {
    TextPlace const here = editor_->place();
    config::Key const* const key = here.key.empty() ? nullptr : keyIn(here.path, here.key);
    if (key != nullptr) {
        help_->setHtml(helpHtml(*key, here.path));
        return;
    }
    QStringList const known = keysIn(here.path);
    QString const where =
        here.path.empty() ? tr("at the top of the file") : tr("in %1").arg(blockName(here.path));
    if (known.isEmpty()) {
        help_->setHtml(tr("<p>Names here are your own.</p>"));
        return;
    }
    help_->setHtml(tr("<p><b>Keys %1</b></p><p>Ctrl+Space offers them.</p><p>%2</p>")
                       .arg(where.toHtmlEscaped(), known.join(QStringLiteral(", "))));
}

void ConfigurationPage::showState() {
    showEmpty(!used_);
    BrokerState const state = context().source.state();
    bool const configures = context().source.capabilities().testFlag(Capability::Configure);
    bool const running = state == BrokerState::Running;
    Actions const& actions = context().actions;
    actions.get(QStringLiteral("configuration.save"))->setEnabled(used_);
    actions.get(QStringLiteral("configuration.saveAs"))->setEnabled(used_);
    actions.get(QStringLiteral("configuration.reload"))->setEnabled(used_ && running && configures);
    QAction* const start = actions.get(QStringLiteral("configuration.start"));
    start->setEnabled(used_ && (running || state == BrokerState::Stopped) && configures);
    start->setText(running ? tr("Restart from this configuration")
                           : tr("Start from this configuration"));
    QString const file =
        file_->path().isEmpty() ? tr("not saved yet") : QFileInfo(file_->path()).fileName();
    name_->setText(editor_->isModified() && !file_->path().isEmpty() ? tr("%1, changed").arg(file)
                                                                     : file);
    name_->setToolTip(file_->path());
    name_->setVisible(used_);
    verdict_->setVisible(used_);
    if (!editorCheck_->settled()) {
        setRole(*verdict_, Tone::Muted);
        verdict_->setText(tr("checking…"));
    } else if (inEditor_) {
        bool const warned = problems_->rowCount() > 0;
        setRole(*verdict_, warned ? Tone::Warning : Tone::Good);
        verdict_->setText(warned ? tr("⚠ valid, with warnings") : tr("✓ valid"));
        verdict_->setToolTip(QString::fromStdString(inEditor_->document.digest));
    } else {
        setRole(*verdict_, Tone::Error);
        verdict_->setText(QStringLiteral("✗ ") + errorsText(problems_->errors()));
        verdict_->setToolTip({});
    }
}

void ConfigurationPage::tell(Tone tone, QString const& text) {
    setRole(*outcome_, tone);
    outcome_->setText(text);
    outcome_->setVisible(!text.isEmpty());
}

void ConfigurationPage::showSnapshot(observe::SnapshotPtr const& /*snapshot*/) {}

void ConfigurationPage::prepareForPicture() {
    if (!used_) {
        return;
    }
    if (ConfigurationProblem const* const first = problems_->problemAt(0)) {
        editor_->goTo(first->line, std::max(0, first->column));
    } else if (changes_->rowCount() > 0) {
        lists_->setCurrentIndex(1);
    }
}

void ConfigurationPage::saveLayout() {
    QString const name = QStringLiteral("configuration.changes");
    saveColumns(*findChild<LiveTable*>(name), name);
}

}  // namespace signalbox::gui
