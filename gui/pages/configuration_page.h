#pragma once

#include "gui/models/change_model.h"
#include "gui/models/problem_model.h"
#include "gui/pages/page.h"
#include "gui/source/configuration_checker.h"
#include "gui/source/configuration_file.h"

class QLabel;
class QPlainTextEdit;
class QSplitter;
class QTabWidget;
class QTextBrowser;

namespace signalbox::gui {

class ConfigurationEditor;
class LiveTable;

/// Where a configuration is written and given to the broker: checked while one types, compared
/// with what runs and with its file, and applied as a whole or not at all.
class ConfigurationPage : public Page {
    Q_OBJECT

public:
    explicit ConfigurationPage(PageContext const& context);

    void showSnapshot(observe::SnapshotPtr const& snapshot) override;
    bool mayClose() override;
    void prepareForPicture() override;
    void saveLayout() override;

    void open(QString const& path);
    /// Starts a broker from the file as soon as it is read and found good.
    void openAndStart(QString const& path);

    /// Goes to that line; of another file than the open one, which is opened, unless something
    /// would be lost by it.
    void showLine(QString const& file, int line);

    /// Gives the running broker what is written, saving it first where it has a file.
    void reload();
    /// Starts a broker from what is written; one that runs is stopped first.
    void start();

private:
    /// What is to be done with a text once it is checked, or saved.
    enum class Next {
        Nothing,
        Reload,
        Start,
    };

    void makeActions();
    void makeEditor();
    QWidget* makeLists();
    void connectSource();

    void chooseFile();
    void newFile();
    void save();
    void saveAs();
    bool mayForget(QString const& question);
    void saveThen(Next next);
    void go(Next next);
    void applyReload();
    void applyStart();

    void textChanged();
    void fileKnown();
    void takeChecked(CheckResult const& result);
    void compare();
    void showPlace();
    void showState();
    void jobFinished(Job const& job);
    void tell(Tone tone, QString const& text);

    ConfigurationFile* file_;
    ConfigurationChecker* editorCheck_;
    ConfigurationChecker* fileCheck_;
    ProblemModel* problems_;
    ChangeModel* changes_;
    ConfigurationEditor* editor_ = nullptr;
    QTextBrowser* help_ = nullptr;
    QPlainTextEdit* resolved_ = nullptr;
    QTabWidget* lists_ = nullptr;
    LiveTable* problemTable_ = nullptr;
    QLabel* name_ = nullptr;
    QLabel* verdict_ = nullptr;
    QLabel* outcome_ = nullptr;
    ConfigurationPtr inEditor_;
    ConfigurationPtr inFile_;
    Next next_ = Next::Nothing;  ///< Once the text is checked, or saved.
    JobToken reloading_ = 0;
    int line_ = 0;             ///< To go to once the file is read.
    bool restarting_ = false;  ///< A start follows the stop that is on its way.
    bool used_ = false;        ///< There is a text to show.
};

}  // namespace signalbox::gui
