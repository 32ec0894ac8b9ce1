#include "gui/dialogs/shortcut_dialog.h"

#include "gui/theme.h"

#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace signalbox::gui {

ShortcutDialog::ShortcutDialog(Actions const& actions, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Keys"));
    auto* const grid = new QGridLayout;
    grid->setHorizontalSpacing(kSpace * 3);
    grid->setVerticalSpacing(6);
    int row = 0;
    auto const add = [&](QString const& keys, QString const& text, QString const& group) {
        auto* const first = new QLabel(keys);
        first->setFont(Theme::monospace());
        auto* const last = new QLabel(group);
        last->setProperty("role", "muted");
        grid->addWidget(first, row, 0);
        grid->addWidget(new QLabel(text), row, 1);
        grid->addWidget(last, row, 2);
        ++row;
    };
    for (QAction const* const action : actions.all()) {
        if (!action->shortcut().isEmpty()) {
            add(action->shortcut().toString(QKeySequence::NativeText), action->text(),
                Actions::groupOf(*action));
        }
    }
    add(tr("← →"), tr("Close and open a row; move in the graph"), tr("Subjects, Traffic"));
    add(tr("+ −"), tr("Zoom"), tr("Traffic"));
    auto* const buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* const column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(kSpace * 2);
    column->addLayout(grid);
    column->addWidget(buttons);
}

}  // namespace signalbox::gui
