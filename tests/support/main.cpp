#include "tests/support/run_tests.h"

#ifdef SIGNALBOX_TEST_WIDGETS
#include <QApplication>
using Application = QApplication;
#else
#include <QCoreApplication>
using Application = QCoreApplication;
#endif

int main(int argc, char** argv) {
    Application application(argc, argv);
    Application::setApplicationName(QStringLiteral("signalbox_test"));
    return signalbox::support::run_tests({argv, argv + argc});
}
